/**
 * A certificate for `hook.example` and the authority that signed it, for servers in tests. They are nobody's secret and
 * valid for a hundred years:
 *
 * ```sh
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 36500 -subj "/CN=Test CA"
 * openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout hook.key -out hook.csr -subj "/CN=hook.example"
 * openssl x509 -req -in hook.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 -out hook.pem \
 *   -extfile <(printf "subjectAltName=DNS:hook.example\nbasicConstraints=CA:FALSE\n")
 * ```
 *
 * @module
 */

/** Of the authority. */
export const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBejCCASGgAwIBAgIUUANDxhs46h9bk/yFGC608MWSJQQwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjEwNTU4MDRaGA8yMTI2MTAyODA1
NTgwNFowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLIx0RUxGcXQUNlQcXYD2dK/aO60/oD/rOtSAKLkg+R80LJ/EFS2of9vlWYR
U/3Au3AI0fCxVgtFiAdXwLWesLKjUzBRMB0GA1UdDgQWBBR04tNBJ6vZkv10OEMO
5mhQU0HlzTAfBgNVHSMEGDAWgBR04tNBJ6vZkv10OEMO5mhQU0HlzTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIHqj8U/D425CHl689MkYu3QdHSb/
RfcpKMYCTBvouFk+AiA1KlhtlQ98kY9gPimVYZtDPqeRbKKqzDxGTlnh/62xmg==
-----END CERTIFICATE-----
`;

/** Of `hook.example`. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlDCCATmgAwIBAgIUfINhn4fNFSWJbES1cn44G5mBDV8wCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjEwNTU4MDRaGA8yMTI2MTAyODA1
NTgwNFowFzEVMBMGA1UEAwwMaG9vay5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZI
zj0DAQcDQgAEE5TCcf2k/b7DgGF0i6t+DnIBk9QL2yznNtiVXUUtjgETNINfLKlB
fNkMJCU2E/3HopPpmq8/kszzaRmFLZwOYaNmMGQwFwYDVR0RBBAwDoIMaG9vay5l
eGFtcGxlMAkGA1UdEwQCMAAwHQYDVR0OBBYEFAmjPQ+VPSP4e/6X0Il9wVjAv177
MB8GA1UdIwQYMBaAFHTi00Enq9mS/XQ4Qw7maFBTQeXNMAoGCCqGSM49BAMCA0kA
MEYCIQD7F8GDYbeWmDAq90Vsv3exS1w5iwb9XBg3yVzkb6osqgIhALal5j8aVuPx
2a1pbNmJULGw44TpmrI3qXiNBqaiXaJN
-----END CERTIFICATE-----
`;

/** To {@linkcode CERTIFICATE}. */
export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr0QA4HmP/gXEyvrP
t76/bqQrFZqGB3MYTahQOObcXPihRANCAAQTlMJx/aT9vsOAYXSLq34OcgGT1Avb
LOc22JVdRS2OARM0g18sqUF82QwkJTYT/ceik+marz+SzPNpGYUtnA5h
-----END PRIVATE KEY-----
`;
