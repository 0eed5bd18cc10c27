/**
 * The tool that calculates: arithmetic by recursive descent, without `eval`.
 *
 * ```
 * sum     = product { ("+" | "-") product }
 * product = unary { ("*" | "/" | "%") unary }
 * unary   = ("-" | "+") unary | power
 * power   = atom [ "**" unary ]          so that -2 ** 2 is -4 and 2 ** 3 ** 2 is 512
 * atom    = number | "(" sum ")"
 * ```
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { defineTool } from "./tool.ts";

/** Parentheses, signs and powers within one another. */
const MAX_DEPTH = 100;
/** Characters of an expression. */
const MAX_LENGTH = 10_000;

/** `{ expression }`; answers with the number as text. */
export const calculator = defineTool({
  module: import.meta.url,
  name: "calculator",
  description:
    "Evaluates arithmetic: numbers, + - * / % (remainder, with the sign of the dividend), ** (power) " +
    "and parentheses. Example: (2 + 3) * 4 gives 20. Numbers are 64-bit floating point.",
  parameters: (z) => z.object({ expression: z.string().min(1).max(MAX_LENGTH) }),
  settle: "repeatable",
  invoke: (_state, { expression }) => String(calculate(expression)),
});

/**
 * The value of an arithmetic expression.
 * @throws {Fault} code `bad_expression`, naming the column (from 1) where it went wrong.
 */
export function calculate(expression: string): number {
  return new Parser(expression).parse();
}

/** Blanks, then a number, an operator, any other character, or the end. */
const TOKEN = /(\s*)((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|\*\*|.|$)/iuys;
const ARITHMETIC = /^(?:\.?\d.*|\*\*|[-+*\/%()]|)$/;

type Operation = (left: number, right: number) => number;

const SUMS = new Map<string, Operation>([["+", (a, b) => a + b], ["-", (a, b) => a - b]]);
const PRODUCTS = new Map<string, Operation>([
  ["*", (a, b) => a * b],
  ["/", (a, b) => a / b],
  ["%", (a, b) => a % b],
]);

class Parser {
  readonly #text: string;
  /** Where the current token starts, and the token; empty at the end. */
  #at = 0;
  #token = "";
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  parse(): number {
    const value = this.#sum();
    if (this.#token !== "") this.#fail(`"${this.#token}" is not expected`);
    return value;
  }

  #sum(): number {
    return this.#chain(SUMS, () => this.#product());
  }

  #product(): number {
    return this.#chain(PRODUCTS, () => this.#unary());
  }

  #chain(operations: Map<string, Operation>, operand: () => number): number {
    let left = operand();
    for (let operation; (operation = operations.get(this.#token)) !== undefined;) {
      left = this.#apply(operation, left, operand);
    }
    return left;
  }

  #unary(): number {
    if (++this.#depth > MAX_DEPTH) this.#fail(`it is nested more than ${MAX_DEPTH} deep`);
    const value = this.#accept("-") ? -this.#unary() : this.#accept("+") ? this.#unary() : this.#power();
    this.#depth--;
    return value;
  }

  #power(): number {
    const base = this.#atom();
    return this.#token === "**" ? this.#apply(Math.pow, base, () => this.#unary()) : base;
  }

  #atom(): number {
    if (this.#accept("(")) {
      const value = this.#sum();
      if (!this.#accept(")")) this.#fail('")" is missing');
      return value;
    }
    if (!/\d/.test(this.#token)) {
      this.#fail(this.#token === "" ? "a number is missing" : `a number is expected, not "${this.#token}"`);
    }
    const value = Number(this.#token);
    if (!Number.isFinite(value)) this.#fail("the number is too large");
    this.#advance();
    return value;
  }

  /** The current token is the operator; complaints about the result point at it. */
  #apply(operation: Operation, left: number, operand: () => number): number {
    const [operator, column] = [this.#token, this.#at];
    this.#advance();
    const right = operand();
    if (right === 0 && (operator === "/" || operator === "%")) this.#fail("division by zero", column);
    if (left === 0 && right < 0 && operator === "**") this.#fail("division by zero", column);
    const value = operation(left, right);
    if (Number.isNaN(value)) this.#fail("the result is not a real number", column);
    if (!Number.isFinite(value)) this.#fail("the result is too large", column);
    return value;
  }

  #accept(token: string): boolean {
    const found = this.#token === token;
    if (found) this.#advance();
    return found;
  }

  #advance(): void {
    TOKEN.lastIndex = this.#at + this.#token.length;
    const [blanks, token] = TOKEN.exec(this.#text)!.slice(1) as [string, string];
    this.#at += this.#token.length + blanks.length;
    this.#token = token;
    if (!ARITHMETIC.test(token)) this.#fail(`"${token}" is not arithmetic`);
  }

  #fail(reason: string, at: number = this.#at): never {
    throw new Fault("bad_expression", `Cannot calculate: ${reason} at column ${at + 1}`);
  }
}

if (import.meta.main) serve(calculator);
