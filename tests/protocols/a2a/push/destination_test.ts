import assert from "node:assert/strict";
import { Gate, Refusal } from "../../../../protocols/a2a/push/destination.ts";

/** Names and their addresses, as far as anybody knows. */
const NAMES: Record<string, string[]> = {
  "hook.example.com": ["93.184.216.34"],
  "both.example.com": ["93.184.216.34", "2606:4700:4700::1111"],
  "xn--bcher-kva.example.com": ["93.184.216.34"],
  "inner.example.com": ["10.1.2.3"],
  "mixed.example.com": ["93.184.216.34", "127.0.0.1"],
  "mapped.example.com": ["::ffff:169.254.169.254"],
  "none.example.com": [],
};

function resolve(name: string): Promise<string[]> {
  const addresses = NAMES[name];
  return addresses === undefined
    ? Promise.reject(new Error(`no such name: ${name}`))
    : Promise.resolve(addresses);
}

/** The address it leads to; why it is refused; or why nobody knows. */
const VERDICTS: readonly [url: string, verdict: string][] = [
  ["https://hook.example.com/a?b=c", "93.184.216.34"],
  ["http://hook.example.com:8080/", "93.184.216.34"],
  ["HTTPS://HOOK.example.COM", "93.184.216.34"],
  ["https://hook.example.com./a", "93.184.216.34"],
  ["https://both.example.com/", "93.184.216.34 2606:4700:4700::1111"],
  ["https://bücher.example.com/", "93.184.216.34"],
  ["https://8.8.8.8/", "8.8.8.8"],
  ["https://[2606:4700:4700::1111]/", "2606:4700:4700::1111"],
  ["https://unknown.example.com/", "no such name: unknown.example.com"],
  ["https://none.example.com/", "none.example.com has no address"],

  ["https://inner.example.com/", "inner.example.com is not on the public internet"],
  ["https://mixed.example.com/", "mixed.example.com is not on the public internet"],
  ["https://mapped.example.com/", "mapped.example.com is not on the public internet"],
  ["http://127.0.0.1/", "127.0.0.1 is not on the public internet"],
  ["http://127.1/", "127.0.0.1 is not on the public internet"],
  ["http://2130706433/", "127.0.0.1 is not on the public internet"],
  ["http://0x7f000001/", "127.0.0.1 is not on the public internet"],
  ["http://0x7f.0.0.1/", "127.0.0.1 is not on the public internet"],
  ["http://0177.0.0.1/", "127.0.0.1 is not on the public internet"],
  ["http://017700000001/", "127.0.0.1 is not on the public internet"],
  ["http://127.0.0.1./", "127.0.0.1 is not on the public internet"],
  ["http://%31%32%37.0.0.1/", "127.0.0.1 is not on the public internet"],
  ["http://①②⑦.⓪.⓪.①/", "127.0.0.1 is not on the public internet"],
  ["http://127。0。0。1/", "127.0.0.1 is not on the public internet"],
  ["http://0/", "0.0.0.0 is not on the public internet"],
  ["http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not on the public internet"],
  ["http://0xa9fea9fe/", "169.254.169.254 is not on the public internet"],
  ["http://10.0.0.1:80/", "10.0.0.1 is not on the public internet"],
  ["http://192.168.1.1/", "192.168.1.1 is not on the public internet"],
  ["http://100.64.0.1/", "100.64.0.1 is not on the public internet"],
  ["http://224.0.0.1/", "224.0.0.1 is not on the public internet"],
  ["http://[::1]/", "::1 is not on the public internet"],
  ["http://[::]/", ":: is not on the public internet"],
  ["http://[::ffff:127.0.0.1]/", "::ffff:7f00:1 is not on the public internet"],
  ["http://[::127.0.0.1]/", "::7f00:1 is not on the public internet"],
  ["http://[64:ff9b::10.0.0.1]/", "64:ff9b::a00:1 is not on the public internet"],
  ["http://[2002:7f00:1::]/", "2002:7f00:1:: is not on the public internet"],
  ["http://[fd00::1]/", "fd00::1 is not on the public internet"],
  ["http://[fe80::1]/", "fe80::1 is not on the public internet"],
  ["http://localhost:3000/", "localhost is not on the public internet"],
  ["http://localhost./", "localhost is not on the public internet"],
  ["http://LOCALHOST/", "localhost is not on the public internet"],
  ["http://a.localhost/", "a.localhost is not on the public internet"],
  ["http://postgres:5432/", "postgres is not on the public internet"],
  ["http://metadata.google.internal/", "metadata.google.internal is not on the public internet"],
  ["http://printer.local/", "printer.local is not on the public internet"],
  ["http://box.home.arpa/", "box.home.arpa is not on the public internet"],

  ["ftp://hook.example.com/", 'only http and https are spoken, not "ftp:"'],
  ["file:///etc/passwd", 'only http and https are spoken, not "file:"'],
  ["javascript:alert(1)", 'only http and https are spoken, not "javascript:"'],
  ["gopher://hook.example.com/", 'only http and https are spoken, not "gopher:"'],
  ["ws://hook.example.com/", 'only http and https are spoken, not "ws:"'],
  ["unix:/run/docker.sock", 'only http and https are spoken, not "unix:"'],
  ["https://user@hook.example.com/", "the URL names a user or a password"],
  ["https://user:pass@hook.example.com/", "the URL names a user or a password"],
  ["https://:pass@hook.example.com/", "the URL names a user or a password"],
  ["https://hook.example.com@127.0.0.1/", "the URL names a user or a password"],
  ["", "that is not an absolute URL"],
  ["/webhook", "that is not an absolute URL"],
  ["hook.example.com", "that is not an absolute URL"],
  ["https://", "that is not an absolute URL"],
  ["http://[fe80::1%25eth0]/", "that is not an absolute URL"],
  ["http://256.1.1.1/", "that is not an absolute URL"],
  ["https://hook.example.com:99999/", "that is not an absolute URL"],
  ["https://hook.example.com/\r\nX-A: b", "the URL has blanks or control characters in it"],
  ["https://local\nhost/", "the URL has blanks or control characters in it"],
  [" https://hook.example.com/", "the URL has blanks or control characters in it"],
  ["https://hook.example.com/\0", "the URL has blanks or control characters in it"],
  [`https://hook.example.com/${"a".repeat(2048)}`, "the URL is longer than 2048 characters"],
];

async function verdict(gate: Gate, url: string): Promise<string> {
  try {
    return (await gate.resolve(url)).addresses.join(" ");
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("every URL gets its verdict", async () => {
  const gate = new Gate({ resolve });
  const got = await Promise.all(VERDICTS.map(async ([url]) => [url, await verdict(gate, url)]));
  assert.deepEqual(got, VERDICTS);
});

Deno.test("what is wrong with a URL itself is said before any name is asked for", () => {
  const gate = new Gate({ resolve: () => assert.fail("nobody is asked") });
  for (const [url, verdict] of VERDICTS) {
    const named = /^(inner|mixed|mapped|unknown|none)\./.test(verdict) ||
      /no such name|^[\d.: a-f]+$/.test(verdict);
    if (named) gate.parse(url);
    else assert.throws(() => gate.parse(url), Refusal, url);
  }
});

Deno.test("hosts on the list may be anywhere; with a port only there; others stay refused", async () => {
  const gate = new Gate({
    allowHosts: ["Localhost", "127.0.0.1:8080", "[::1]", "hook.local:443"],
    resolve: () => Promise.resolve(["127.0.0.1"]),
  });
  const cases: [string, string][] = [
    ["http://localhost/", "127.0.0.1"],
    ["https://localhost:9000/", "127.0.0.1"],
    ["http://127.0.0.1:8080/", "127.0.0.1"],
    ["http://2130706433:8080/", "127.0.0.1"],
    ["http://127.0.0.1:8081/", "127.0.0.1 is not on the public internet"],
    ["http://127.0.0.1/", "127.0.0.1 is not on the public internet"],
    ["http://[::1]:1/", "::1"],
    ["https://hook.local/", "127.0.0.1"],
    ["http://hook.local/", "hook.local is not on the public internet"],
    ["http://a.localhost/", "a.localhost is not on the public internet"],
    ["http://user@localhost/", "the URL names a user or a password"],
    ["ftp://localhost/", 'only http and https are spoken, not "ftp:"'],
  ];
  assert.deepEqual(await Promise.all(cases.map(async ([url]) => [url, await verdict(gate, url)])), cases);
});

Deno.test("the system resolves names where nobody else is named", async () => {
  const { addresses } = await new Gate({ allowHosts: ["localhost"] }).resolve("http://localhost/");
  assert.ok(addresses.some((address) => address === "127.0.0.1" || address === "::1"), addresses.join());
});
