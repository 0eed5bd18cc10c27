/**
 * Checks messages where they arrive, from the JSON Schemas the main thread made of the protocol.
 *
 * Only what zod's `z.toJSONSchema` writes for plain data is understood; any other keyword is an error when
 * the guard is made, so that nothing passes because it was not looked at.
 *
 * @module
 */
import { JSON } from "./natives.ts";

/** A JSON Schema as zod writes it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What is wrong with a value, "task.id: expected string", or undefined when nothing is. */
export type Guard = (value: unknown) => string | undefined;

/**
 * What is wrong, after the place where: ": expected string" here, ".id: expected string" one level further up.
 * Written from the inside out, so that a value that passes costs no text.
 */
type Check = (value: unknown) => string | undefined;

const IGNORED = new Set([
  "$schema",
  "description",
  "title",
  "default",
  "examples",
  "id",
  "deprecated",
]);

type Maker = (argument: never, schema: JsonSchema) => Check | undefined;

/** Compiles a schema. @throws {Error} on a keyword it does not know. */
export function makeGuard(schema: JsonSchema | boolean): Guard {
  const check = compile(schema);
  return (value) => check(value)?.replace(/^(\.|: )/, "");
}

function compile(schema: JsonSchema | boolean): Check {
  if (typeof schema === "boolean") return schema ? () => undefined : () => ": not allowed";
  const checks: Check[] = [];
  for (const [keyword, argument] of Object.entries(schema)) {
    if (IGNORED.has(keyword)) continue;
    const maker = MAKERS[keyword];
    if (maker === undefined) {
      throw new Error(`Cannot check messages: JSON Schema keyword "${keyword}" is not supported`);
    }
    const check = maker(argument as never, schema);
    if (check !== undefined) checks.push(check);
  }
  return checks.length === 1 ? checks[0]! : every(checks);
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
    const wrong = `: expected ${[names].flat().join(" or ")}`;
    const only = tests[0]!;
    if (tests.length === 1) return (value) => only(value) ? undefined : wrong;
    return (value) => tests.some((test) => test(value)) ? undefined : wrong;
  },
  const: (only: unknown) => (value) => value === only ? undefined : `: expected ${JSON.stringify(only)}`,
  enum: (all: unknown[]) => (value) =>
    all.includes(value) ? undefined : `: expected one of ${all.map((one) => JSON.stringify(one)).join(", ")}`,
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
  format(name: string, { pattern }) {
    if (pattern !== undefined) return () => undefined; // zod says the same as a pattern
    throw new Error(`Cannot check messages: JSON Schema format "${name}" is not supported`);
  },
  minItems: (least: number) => list((value) => value.length >= least, `at least ${least} items`),
  maxItems: (most: number) => list((value) => value.length <= most, `at most ${most} items`),
  required(keys: string[], { properties = {} }) {
    const others = keys.filter((key) => !Object.hasOwn(properties as object, key));
    if (others.length === 0) return; // looked at with the properties
    return (value) => {
      if (!isObject(value)) return;
      for (const key of others) if (!has(value, key)) return missing(key);
    };
  },
  properties(schemas: Record<string, JsonSchema>, { required = [] }) {
    const known = Object.entries(schemas).map(([key, schema]) => ({
      key,
      check: compile(schema),
      required: (required as string[]).includes(key),
      simple: simpleType(schema),
    }));
    return (value) => {
      if (!isObject(value)) return;
      for (const { key, check, required, simple } of known) {
        const inner = value[key];
        const type = typeof inner;
        if (type === simple) continue;
        if (!has(value, key)) {
          if (required) return missing(key);
          continue;
        }
        const wrong = check(inner);
        if (wrong !== undefined) return `.${key}${wrong}`;
      }
    };
  },
  additionalProperties(schema: JsonSchema | boolean, { properties = {} }) {
    const check = compile(schema);
    const known = properties as object;
    return (value) => {
      if (!isObject(value)) return;
      for (const key of Object.keys(value)) {
        const wrong = Object.hasOwn(known, key) ? undefined : check(value[key]);
        if (wrong !== undefined) return `.${key}${wrong}`;
      }
    };
  },
  propertyNames(schema: JsonSchema) {
    const check = compile(schema);
    return (value) => {
      if (!isObject(value)) return;
      for (const key of Object.keys(value)) {
        const wrong = check(key);
        if (wrong !== undefined) return `.${key}${wrong}`;
      }
    };
  },
  items(schema: JsonSchema | boolean, { prefixItems }) {
    const check = compile(schema);
    const from = Array.isArray(prefixItems) ? prefixItems.length : 0;
    return (value) => {
      if (!Array.isArray(value)) return;
      for (let i = from; i < value.length; i++) {
        const wrong = check(value[i]);
        if (wrong !== undefined) return `.${i}${wrong}`;
      }
    };
  },
  prefixItems(schemas: JsonSchema[]) {
    const checks = schemas.map(compile);
    return (value) => {
      if (!Array.isArray(value)) return;
      for (let i = 0; i < checks.length; i++) {
        const wrong = checks[i]!(value[i]);
        if (wrong !== undefined) return `.${i}${wrong}`;
      }
    };
  },
  anyOf: alternatives,
  oneOf: alternatives,
  allOf: (schemas: JsonSchema[]) => every(schemas.map(compile)),
};

function every(checks: readonly Check[]): Check {
  return (value) => {
    for (const check of checks) {
      const wrong = check(value);
      if (wrong !== undefined) return wrong;
    }
  };
}

/** When all fail, the complaint of the one that got furthest is the helpful one. */
function alternatives(schemas: JsonSchema[]): Check {
  const checks = schemas.map(compile);
  return (value) => {
    let best: string | undefined;
    for (const check of checks) {
      const wrong = check(value);
      if (wrong === undefined) return undefined;
      if (best === undefined || /: expected "/.test(best)) best = wrong;
    }
    return best ?? ": not allowed";
  };
}

function bound(holds: (value: number) => boolean, words: string): Check {
  return (value) => typeof value !== "number" || holds(value) ? undefined : `: expected ${words}`;
}

function text(holds: (value: string) => boolean, words: string): Check {
  return (value) => typeof value !== "string" || holds(value) ? undefined : `: expected ${words}`;
}

function list(holds: (value: unknown[]) => boolean, words: string): Check {
  return (value) => !Array.isArray(value) || holds(value) ? undefined : `: expected ${words}`;
}

/** For a schema that says no more than that, what `typeof` says of its values. */
function simpleType(schema: JsonSchema): string | undefined {
  const { type } = schema;
  const simple = type === "string" || type === "number" || type === "boolean";
  return simple && Object.keys(schema).length === 1 ? type : undefined;
}

function missing(key: string): string {
  return `: "${key}" is missing`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What came as JSON has no undefined; what it has without owning it is a method of Object. */
function has(value: Record<string, unknown>, key: string): boolean {
  const inner = value[key];
  return inner !== undefined && (typeof inner !== "function" || Object.hasOwn(value, key));
}
