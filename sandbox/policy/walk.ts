/**
 * Walks the syntax tree of a shell script: everything that acts, wherever it stands, and everything that is not
 * understood.
 *
 * @module
 */
import {
  type ArithmeticExpression,
  type Assignment,
  type Command,
  forEachChild,
  type Function as FunctionNode,
  type ParameterExpansionPart,
  parse,
  type Redirection,
  type SyntaxNode,
  type TestExpression,
  type Word,
} from "unbash";

/** Something that is not understood, and so denies the command. */
export interface Trouble {
  /** What stands in the source. */
  readonly text: string;
  /** Why it is denied. */
  readonly reason: string;
}

/** What acts in a script, in the order of the source. */
export interface Acts {
  readonly acts: readonly (Command | Redirection | Assignment)[];
  /** What `for` and `select` give to a variable. */
  readonly loops: readonly { readonly name: string; readonly words: readonly Word[] | undefined }[];
  /** Expressions bash calculates in which names stand: their values are calculated too. */
  readonly sums: readonly string[];
  readonly troubles: readonly Trouble[];
}

/** Longest script, in UTF-16 code units. */
const MAX_LENGTH = 20_000;
/** Control characters but tab and newline, and those that turn the direction of text or cannot be seen. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Node types of which nothing is to be known beyond their children. */
const PLAIN = new Set<SyntaxNode["type"]>(
  ("Script Statement CompoundList CaseItem Elif Time Negation AndOr Word Literal Glob SingleQuoted " +
    "DoubleQuoted AnsiCQuoted LocaleString SimpleExpansion BraceExpansion FileDescriptor " +
    "HereDocDelimiter HereDocBody If While Case Subshell BraceGroup Redirected Coproc TestCommand TestLogical " +
    "TestNot TestGroup Default Remove Replace CaseModification Names ArithmeticFor").split(" ") as SyntaxNode[
      "type"
    ][],
);
const NUMBERS = /^[\s\d]*$/;

/** Walks `source`. What it holds of text for other shells, as in `sh -c`, is not looked into. */
export function walk(source: string): Acts {
  const walker = new Walker();
  if (source.length > MAX_LENGTH) {
    walker.trouble(source.slice(0, 40), `it is longer than ${MAX_LENGTH} characters`);
  } else if (UNSEEN.test(source)) {
    walker.trouble("", "it has characters that cannot be seen");
  } else {
    walker.visit(parse(source), source);
  }
  return walker;
}

class Walker implements Acts {
  readonly acts: (Command | Redirection | Assignment)[] = [];
  readonly loops: { name: string; words: readonly Word[] | undefined }[] = [];
  readonly sums: string[] = [];
  readonly troubles: Trouble[] = [];
  /** Functions whose bodies are being walked. */
  readonly #within: string[] = [];

  trouble(text: string, reason: string): void {
    this.troubles.push({ text, reason });
  }

  /** `source` is what positions in `node` are counted in. */
  visit(node: SyntaxNode, source: string): void {
    const text = node.type === "Script" ? node.source ?? source : source;
    this.#look(node);
    // The parser is silent about this, and leaves the parenthesis out.
    if (node.type === "Command" && /^(?:[ \t]|\\\n)*\(/.test(text.slice(node.name?.end ?? text.length))) {
      this.trouble("(", "it cannot be parsed: a parenthesis is out of place");
    }
    // Bash takes a substitution and what adjoins it for one word, the parser for several.
    if (
      node.type === "ProcessSubstitution" && !/^[\s;|&(<>]? [\s;|&)<>]?$/.test(
        `${text.slice(Math.max(0, node.pos - 1), node.pos)} ${text.slice(node.end, node.end + 1)}`,
      )
    ) {
      this.trouble(node.text, "it adjoins other text");
    }
    if (node.type === "Function") this.#within.push(node.name.value);
    forEachChild(node, (child) => this.visit(child, text));
    if (node.type === "Function") this.#within.pop();
  }

  #look(node: SyntaxNode): void {
    switch (node.type) {
      case "Script":
        for (const { message } of ("errors" in node ? node.errors : undefined) ?? []) {
          this.trouble("", `it cannot be parsed: ${message}`);
        }
        return;
      case "Command":
        this.acts.push(node);
        if (node.name !== undefined && this.#within.includes(node.name.value)) {
          this.trouble(node.name.value, "it is a function that calls itself");
        }
        return;
      case "HereDoc":
        if (node.closing === undefined || !/^['"\\]?[\w.-]+['"]?$/.test(node.delimiter?.text ?? "")) {
          this.trouble("<<", "its here-document has no plain end");
        }
        this.acts.push(node);
        return;
      case "Redirect":
      case "HereString":
        this.acts.push(node);
        return;
      case "Assignment":
        this.acts.push(node);
        if (node.index !== undefined) this.#sum(node.index.text);
        return;
      case "For":
      case "Select":
        this.loops.push({ name: node.name.value, words: node.wordlist });
        return;
      case "Function":
        return this.#define(node);
      case "Pipeline":
        if (node.commands.length === 0) this.trouble("!", "it has no command");
        return;
      default:
        this.#lookWithin(node);
    }
  }

  /** What stands in words and expressions. */
  #lookWithin(node: SyntaxNode): void {
    switch (node.type) {
      case "CommandExpansion":
      case "ProcessSubstitution":
        if (node.text.startsWith("${")) this.trouble(node.text, "only the newest bash runs it");
        if (node.script === undefined) this.trouble(node.text, "its substitution cannot be parsed");
        return;
      case "ParameterExpansion":
        return this.#expand(node);
      case "ExtendedGlob":
        return this.trouble(
          node.text,
          "it is an extended glob, which bash reads differently by its settings",
        );
      case "Slice":
        this.#sum(`${node.offset.text} ${node.length?.text ?? ""}`);
        return;
      case "TestUnary":
      case "TestBinary":
        return this.#test(node);
      case "ArithmeticExpansion":
        if (node.expression === undefined && node.text.length > 5) this.#sum(node.text);
        return;
      case "ArithmeticCommand":
        if (node.expression === undefined) this.#sum(node.body || "((");
        return;
      case "ArrayValue":
        for (const { text } of node.elements) if (text.startsWith("[")) this.#sum(text);
        return;
      default:
        this.#other(node);
    }
  }

  #other(node: SyntaxNode): void {
    if (node.type === "Transform") {
      if (/[PE]/.test(node.operand.text)) this.trouble(`@${node.operand.text}`, "it expands a value again");
    } else if (node.type.startsWith("Arithmetic") && node.type !== "ArithmeticFor") {
      this.#arithmetic(node as ArithmeticExpression);
    } else if (!PLAIN.has(node.type)) {
      this.trouble("", `it has a ${node.type}, which is not understood`);
    }
  }

  #define({ name, body }: FunctionNode): void {
    if (body.type === "CompoundList") this.trouble(name.text, "its body cannot be parsed");
    if (!/^[\w:.+-]+$/.test(name.text)) this.trouble(name.text, "it is no plain name for a function");
  }

  #expand({ prefix, index, operation, text }: ParameterExpansionPart): void {
    if (operation?.type === "Unknown") this.trouble(text, "its expansion is not understood");
    if (prefix === "!") this.#sum(text);
    if (index !== undefined && !/^[@*]$/.test(index.text)) this.#sum(index.text);
  }

  #test(test: TestExpression): void {
    if (test.type === "TestUnary" && /^-[vR]$/.test(test.operator)) this.#sum(test.operand.text);
    if (test.type === "TestBinary" && /^-(?:eq|ne|lt|le|gt|ge)$/.test(test.operator)) {
      this.#sum(`${test.left.text} ${test.right.text}`);
    }
  }

  #arithmetic(node: ArithmeticExpression): void {
    if (node.type === "ArithmeticWord") this.#sum(node.value);
  }

  #sum(text: string): void {
    if (!NUMBERS.test(text)) this.sums.push(text);
  }
}
