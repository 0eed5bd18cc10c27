import assert from "node:assert/strict";
import { AllowList, isLoopback } from "../../../protocols/http/allow_list.ts";

const usual = { host: "127.0.0.1", allowedHosts: [], origins: [] };
type Names = ConstructorParameters<typeof AllowList>[0];

function status(names: Names, host: string | null, origin?: string, url = `http://${host}/`): number {
  const headers = new Headers({
    ...(host === null ? {} : { host }),
    ...(origin === undefined ? {} : { origin }),
  });
  const allowed = new AllowList(names, 9999, () => ["192.168.1.5", "fe80::1", "127.0.0.1"]);
  return allowed.refusal(url, headers)?.status ?? 200;
}

Deno.test("requests are for hosts that are served here", () => {
  const named = { ...usual, allowedHosts: ["troupe.internal", "Gateway.internal:3001"] };
  const called = { ...usual, publicUrl: "https://troupe.example.com/agent" };
  const everywhere = { ...usual, host: "0.0.0.0" };
  const cases: [names: Names, host: string | null, status: number][] = [
    [usual, "localhost:9999", 200],
    [usual, "LOCALHOST", 200],
    [usual, "127.0.0.1:9999", 200],
    [usual, "[::1]:9999", 200],
    [usual, "localhost:3001", 200], // a gateway passes on the host it was called by
    [usual, null, 400],
    [usual, "", 400],
    [usual, "localhost, evil.example", 400],
    [usual, "localhost/@evil.example", 400],
    [usual, "user@localhost", 400],
    [usual, "localhost:99999999", 400],
    [usual, "evil.example", 403],
    [usual, "evil.example:9999", 403],
    [usual, "localhost.evil.example", 403],
    [usual, "evil-localhost", 403],
    [usual, "127.0.0.1.nip.io:9999", 403],
    [usual, "localhost.", 403],
    [usual, "127.1", 403],
    [usual, "2130706433", 403],
    [usual, "0.0.0.0:9999", 403],
    [usual, "192.168.1.5:9999", 403],
    [named, "troupe.internal", 200],
    [named, "troupe.internal:8080", 200],
    [named, "gateway.internal:3001", 200],
    [named, "gateway.internal:3002", 403],
    [named, "gateway.internal", 403],
    [called, "troupe.example.com", 200],
    [called, "other.example.com", 403],
    [everywhere, "192.168.1.5:9999", 200],
    [everywhere, "[fe80::1]:9999", 200],
    [everywhere, "192.168.1.6:9999", 403],
    [{ ...usual, host: "10.0.0.7" }, "10.0.0.7:9999", 200],
    [{ ...usual, host: "fd00::7" }, "[fd00::7]:9999", 200],
  ];
  for (const [names, host, expected] of cases) assert.equal(status(names, host), expected, String(host));
});

Deno.test("the first line of a request may not name another host than one that is served", () => {
  assert.equal(status(usual, "localhost", undefined, "http://localhost:9999/x"), 200);
  assert.equal(status(usual, "localhost", undefined, "http://evil.example/x"), 403);
  assert.equal(status(usual, "localhost", undefined, "http://localhost@evil.example/x"), 400);
  assert.equal(status(usual, "localhost", undefined, "ftp://localhost/x"), 400);
});

Deno.test("pages may ask from the server's own origin and from named ones, whose names are compared as they are", () => {
  const named = {
    ...usual,
    publicUrl: "https://troupe.example.com/agent",
    origins: ["https://ide.example.com"],
  };
  const cases: [origin: string, status: number][] = [
    ["http://localhost:9999", 200],
    ["http://127.0.0.1:9999", 200],
    ["http://[::1]:9999", 200],
    ["https://troupe.example.com", 200],
    ["https://ide.example.com", 200],
    ["http://localhost:3000", 403],
    ["http://localhost", 403],
    ["https://localhost:9999", 403],
    ["null", 403],
    ["", 403],
    ["https://evil.example", 403],
    ["https://ide.example.com.evil.example", 403],
    ["https://evil-ide.example.com", 403],
    ["https://ide.example.com:8443", 403],
    ["http://ide.example.com", 403],
    ["https://ide.example.com/", 403],
    ["https://IDE.example.com", 403],
    ["https://ide.example.com https://evil.example", 403],
  ];
  for (const [origin, expected] of cases) assert.equal(status(named, "localhost", origin), expected, origin);
});

Deno.test("what is reached from this machine only is known", () => {
  for (const host of ["127.0.0.1", "localhost", "::1", "127.3.2.1"]) assert.ok(isLoopback(host), host);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.example.com"]) assert.ok(!isLoopback(host), host);
});
