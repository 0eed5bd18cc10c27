/**
 * Checks messages where they arrive, from the JSON Schemas the main thread made of the protocol.
 *
 * Only what zod's `z.toJSONSchema` writes for plain data is understood; any other keyword is an error when
 * the guard is made, so that nothing passes because it was not looked at.
 *
 * @module
 */

/** A JSON Schema as zod writes it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What is wrong with a value, "at task: expected string", or undefined when nothing is. */
export type Guard = (value: unknown, at?: string) => string | undefined;

const IGNORED = new Set([
  "$schema",
  "description",
  "title",
  "default",
  "format",
  "examples",
  "id",
  "deprecated",
]);

type Maker = (argument: never, schema: JsonSchema) => Guard;

/** Compiles a schema. @throws {Error} on a keyword it does not know. */
export function makeGuard(schema: JsonSchema | boolean): Guard {
  if (typeof schema === "boolean") {
    return schema ? () => undefined : (_value, at) => `${place(at)}not allowed`;
  }
  const checks: Guard[] = [];
  for (const [keyword, argument] of Object.entries(schema)) {
    if (IGNORED.has(keyword)) continue;
    const maker = MAKERS[keyword];
    if (maker === undefined) {
      throw new Error(`Cannot check messages: JSON Schema keyword "${keyword}" is not supported`);
    }
    checks.push(maker(argument as never, schema));
  }
  if (checks.length === 1) return checks[0]!;
  return (value, at) => {
    for (const check of checks) {
      const wrong = check(value, at);
      if (wrong !== undefined) return wrong;
    }
  };
}

const TYPES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: Array.isArray,
  object: isObject,
};

const MAKERS: Record<string, Maker> = {
  type(names: string | string[]) {
    const tests = [names].flat().map((name) => TYPES[name]!);
    return (value, at) =>
      tests.some((test) => test(value)) ? undefined : `${place(at)}expected ${[names].flat().join(" or ")}`;
  },
  const: (only: unknown) => (value, at) =>
    value === only ? undefined : `${place(at)}expected ${JSON.stringify(only)}`,
  enum: (all: unknown[]) => (value, at) =>
    all.includes(value)
      ? undefined
      : `${place(at)}expected one of ${all.map((one) => JSON.stringify(one)).join(", ")}`,
  minimum: (least: number) => bound((value) => value >= least, `at least ${least}`),
  maximum: (most: number) => bound((value) => value <= most, `at most ${most}`),
  exclusiveMinimum: (limit: number) => bound((value) => value > limit, `more than ${limit}`),
  exclusiveMaximum: (limit: number) => bound((value) => value < limit, `less than ${limit}`),
  multipleOf: (step: number) => bound((value) => value % step === 0, `a multiple of ${step}`),
  minLength: (least: number) => text((value) => value.length >= least, `at least ${least} characters`),
  maxLength: (most: number) => text((value) => value.length <= most, `at most ${most} characters`),
  pattern(source: string) {
    const pattern = new RegExp(source, "u");
    return text((value) => pattern.test(value), `text like ${source}`);
  },
  minItems: (least: number) => list((value) => value.length >= least, `at least ${least} items`),
  maxItems: (most: number) => list((value) => value.length <= most, `at most ${most} items`),
  required: (keys: string[]) => (value, at) => {
    if (!isObject(value)) return;
    const missing = keys.find((key) => !Object.hasOwn(value, key));
    return missing === undefined ? undefined : `${place(at)}"${missing}" is missing`;
  },
  properties(schemas: Record<string, JsonSchema>) {
    const guards = Object.entries(schemas).map(([key, schema]) => [key, makeGuard(schema)] as const);
    return (value, at) => {
      if (!isObject(value)) return;
      for (const [key, guard] of guards) {
        const wrong = Object.hasOwn(value, key) && value[key] !== undefined
          ? guard(value[key], inside(at, key))
          : undefined;
        if (wrong !== undefined) return wrong;
      }
    };
  },
  additionalProperties(schema: JsonSchema | boolean, { properties = {} }) {
    const guard = makeGuard(schema);
    const known = properties as object;
    return (value, at) => {
      if (!isObject(value)) return;
      for (const key of Object.keys(value)) {
        const wrong = Object.hasOwn(known, key) ? undefined : guard(value[key], inside(at, key));
        if (wrong !== undefined) return wrong;
      }
    };
  },
  propertyNames(schema: JsonSchema) {
    const guard = makeGuard(schema);
    return (value, at) =>
      isObject(value) ? first(Object.keys(value), (key) => guard(key, inside(at, key))) : undefined;
  },
  items(schema: JsonSchema | boolean, { prefixItems }) {
    const guard = makeGuard(schema);
    const from = Array.isArray(prefixItems) ? prefixItems.length : 0;
    return (value, at) => {
      if (!Array.isArray(value)) return;
      for (let i = from; i < value.length; i++) {
        const wrong = guard(value[i], inside(at, i));
        if (wrong !== undefined) return wrong;
      }
    };
  },
  prefixItems(schemas: JsonSchema[]) {
    const guards = schemas.map(makeGuard);
    return (value, at) =>
      Array.isArray(value) ? first(guards, (guard, i) => guard(value[i], inside(at, i))) : undefined;
  },
  anyOf: alternatives,
  oneOf: alternatives,
  allOf(schemas: JsonSchema[]) {
    const guards = schemas.map(makeGuard);
    return (value, at) => first(guards, (guard) => guard(value, at));
  },
};

/** When all fail, the complaint of the one that got furthest is the helpful one. */
function alternatives(schemas: JsonSchema[]): Guard {
  const guards = schemas.map(makeGuard);
  return (value, at) => {
    let best: string | undefined;
    for (const guard of guards) {
      const wrong = guard(value, at);
      if (wrong === undefined) return undefined;
      if (best === undefined || /: expected "/.test(best)) best = wrong;
    }
    return best ?? `${place(at)}not allowed`;
  };
}

function first<T>(
  all: readonly T[],
  check: (one: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, one] of all.entries()) {
    const wrong = check(one, index);
    if (wrong !== undefined) return wrong;
  }
}

function bound(holds: (value: number) => boolean, words: string): Guard {
  return (value, at) =>
    typeof value !== "number" || holds(value) ? undefined : `${place(at)}expected ${words}`;
}

function text(holds: (value: string) => boolean, words: string): Guard {
  return (value, at) =>
    typeof value !== "string" || holds(value) ? undefined : `${place(at)}expected ${words}`;
}

function list(holds: (value: unknown[]) => boolean, words: string): Guard {
  return (value, at) => !Array.isArray(value) || holds(value) ? undefined : `${place(at)}expected ${words}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function inside(at: string | undefined, key: string | number): string {
  return at === undefined ? String(key) : `${at}.${key}`;
}

function place(at: string | undefined): string {
  return at === undefined ? "" : `${at}: `;
}
