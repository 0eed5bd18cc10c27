import { deepStrictEqual, equal, match, ok, throws } from "node:assert/strict";
import { APIError } from "openai";
import { failureOf, type Setback, setbackOf } from "../../../actors/models/failure.ts";
import { Fault } from "../../../protocols/messages/fault.ts";

/** The error the SDK throws for an answer of this status and body. */
function answered(status: number, body: unknown, headers: Record<string, string> = {}): Error {
  return APIError.generate(
    status,
    typeof body === "object" ? body as object : undefined,
    typeof body === "string" ? body : undefined,
    new Headers(headers),
  );
}

const said = (message: string, code?: string) => ({ error: { message, code: code ?? null } });

const STATUSES: [status: number, body: unknown, kind: Setback["kind"], again: boolean][] = [
  [400, said("unknown field"), "bad_request", false],
  [400, said("x", "context_length_exceeded"), "context_overflow", false],
  [400, said("This model's maximum context length is 8192 tokens"), "context_overflow", false],
  [400, said("prompt is too long: 210000 tokens > 200000 maximum"), "context_overflow", false],
  [400, said("the request exceeds the available context size"), "context_overflow", false],
  [400, { error: "input too long for the context window" }, "context_overflow", false],
  [401, said("no"), "auth", false],
  [402, said("Insufficient credits"), "billing", false],
  [403, said("no"), "auth", false],
  [404, said("no such model"), "bad_request", false],
  [408, said("x"), "server", true],
  [409, said("x"), "server", true],
  [413, "too large", "context_overflow", false],
  [418, "a teapot", "bad_request", false],
  [422, said("x"), "bad_request", false],
  [429, said("too many tokens a minute"), "rate_limit", true],
  [429, said("no money", "insufficient_quota"), "billing", false],
  [500, said("x"), "server", true],
  [529, "overloaded", "server", true],
];
for (const [status, body, kind, again] of STATUSES) {
  Deno.test(`status ${status} ${JSON.stringify(body)} is ${kind}, ${again ? "tried again" : "final"}`, () => {
    const setback = setbackOf(answered(status, body), 0);
    deepStrictEqual({ kind: setback.kind, again: setback.again, status: setback.status }, {
      kind,
      again,
      status,
    });
  });
}

const STREAMED: [error: object, kind: Setback["kind"], again: boolean][] = [
  [{ code: 429, message: "x" }, "rate_limit", true],
  [{ code: "502", message: "x" }, "server", true],
  [{ code: "rate_limit_exceeded", message: "x" }, "rate_limit", true],
  [{ code: "server_error", message: "x" }, "server", true],
  [{ code: "context_length_exceeded", message: "x" }, "context_overflow", false],
  [{ code: "insufficient_quota", message: "x" }, "billing", false],
];
for (const [error, kind, again] of STREAMED) {
  Deno.test(`an error ${JSON.stringify(error)} inside the stream is ${kind}`, () => {
    const setback = setbackOf(new APIError(undefined, error, undefined, new Headers()), 0);
    deepStrictEqual({ kind: setback.kind, again: setback.again }, { kind, again });
  });
}

Deno.test("what the provider asked to wait is kept", () => {
  equal(setbackOf(answered(503, "busy", { "retry-after": "3" }), 0).waitMs, 3_000);
});

Deno.test("a mistake of ours is no failure of the provider", () => {
  const mistake = new TypeError("x is not a function");
  throws(() => setbackOf(mistake, 0), (error) => error === mistake);
  const fault = new Fault("bug", "x");
  throws(() => setbackOf(fault, 0), (error) => error === fault);
});

const ENDPOINT = {
  baseUrl: "https://user:hunter22@api.example.com/v1",
  apiKey: "sk-very-secret",
  model: "m",
  price: null,
  headers: { "x-api-key": "another-secret" },
};

Deno.test("no secret of the endpoint is ever told", () => {
  const leaky =
    "sk-very-secret and another-secret at https://user:hunter22@api.example.com, or sk-ve****cret";
  for (const status of [400, 401, 429, 500]) {
    const { message } = failureOf(setbackOf(answered(status, said(leaky)), 0), ENDPOINT, 1);
    for (const secret of ["sk-very-secret", "another-secret", "hunter22", "sk-ve", "cret"]) {
      ok(!message.includes(secret), message);
    }
    match(message, /api\.example\.com:443/);
  }
});

Deno.test("a page of HTML or a long text does not fill the screen", () => {
  match(setbackOf(answered(502, "<!DOCTYPE html><body>…"), 0).reason, /^status 502, an HTML page$/);
  ok(setbackOf(answered(500, "x\n".repeat(10_000)), 0).reason.length < 330);
});

const HINTS: [status: number, hint: RegExp][] = [
  [401, /; check MY_KEY$/],
  [402, /; check the balance of the account$/],
  [404, /; check the name of the model and the base URL$/],
  [429, /; wait, or ask the provider for a higher limit$/],
];
for (const [status, hint] of HINTS) {
  Deno.test(`status ${status} comes with the hint ${hint.source}`, () => {
    const endpoint = { ...ENDPOINT, keySetting: "MY_KEY" };
    match(failureOf(setbackOf(answered(status, said("no")), 0), endpoint, 1).message, hint);
  });
}
