import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { checkEndpoint, grantFor, hostOf } from "../../../actors/models/endpoint.ts";

const HOSTS: [baseUrl: string, host: string][] = [
  ["https://api.openai.com/v1", "api.openai.com:443"],
  ["http://localhost:11434/v1", "localhost:11434"],
  ["http://example.com/v1/", "example.com:80"],
  ["http://[::1]:8080/v1", "[::1]:8080"],
];
for (const [baseUrl, host] of HOSTS) {
  Deno.test(`the host of ${baseUrl} is ${host}`, () => equal(hostOf({ baseUrl }), host));
}

Deno.test("the grant is the hosts of all endpoints, each once, and nothing else", () => {
  const grant = grantFor(
    ["https://a.example/v1", "https://a.example/v2", "http://b.example/v1"].map((baseUrl) => ({
      baseUrl,
    })),
  );
  deepStrictEqual(grant, { net: ["a.example:443", "b.example:80"] });
});

for (
  const baseUrl of ["", "api.openai.com/v1", "ftp://example.com", "http://", "http:///v1", "https://exa mple"]
) {
  Deno.test(`the base URL ${JSON.stringify(baseUrl)} is refused`, () => {
    throws(() => checkEndpoint({ baseUrl, apiKey: "k", model: "m", price: null }), { code: "bad_endpoint" });
  });
}

for (const apiKey of ["with blank", "line\n", "Bearer x", "schlüssel"]) {
  Deno.test(`the key ${JSON.stringify(apiKey)} is refused`, () => {
    throws(() => checkEndpoint({ baseUrl: "http://x/v1", apiKey, model: "m", price: null }), {
      code: "bad_endpoint",
      message: /no key has; check LLM_API_KEY, OPENAI_API_KEY or OPENROUTER_API_KEY$/,
    });
  });
}
