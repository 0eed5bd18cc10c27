import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Budget,
  exhausted,
  free,
  NOTHING_SPENT,
  openBudget,
  outputBoundFor,
  plus,
  reserve,
  settle,
  spend,
} from "../../../actors/agents/budget.ts";
import type { Spent } from "../../../protocols/messages/run.ts";

const price = { input: 1_000, cached: 500, output: 4_000 };

Deno.test("what is free is the limit less what is spent and held", () => {
  let budget = openBudget({ turns: 10, tokens: 1_000, nanoUsd: 500 });
  budget = spend(budget, { turns: 2, inputTokens: 100, outputTokens: 60, nanoUsd: 40 });
  assert.deepEqual(free(budget), { turns: 8, tokens: 840, nanoUsd: 460 });
  const reserved = reserve(budget, 0.5)!;
  assert.deepEqual(reserved.part, { turns: 4, tokens: 420, nanoUsd: 230 });
  assert.deepEqual(free(reserved.budget), { turns: 4, tokens: 420, nanoUsd: 230 });
  budget = settle(reserved.budget, reserved.part, {
    turns: 1,
    inputTokens: 10,
    outputTokens: 10,
    nanoUsd: 5,
  });
  assert.deepEqual(free(budget), { turns: 7, tokens: 820, nanoUsd: 455 });
  assert.deepEqual(budget.spent, { turns: 3, inputTokens: 110, outputTokens: 70, nanoUsd: 45 });
});

Deno.test("a share is rounded down", () => {
  assert.deepEqual(reserve(openBudget({ turns: 5, tokens: 9, nanoUsd: 7 }), 0.5)?.part, {
    turns: 2,
    tokens: 4,
    nanoUsd: 3,
  });
});

Deno.test("amounts without a limit stay without one in every part", () => {
  const reserved = reserve(openBudget({ turns: 4 }), 0.5)!;
  assert.deepEqual([reserved.part, free(reserved.budget)], [{ turns: 2 }, { turns: 2 }]);
});

Deno.test("shares are of one whole, however many are given, and never more than is there", () => {
  const whole = free(openBudget({ turns: 9, tokens: 90 }));
  let budget = openBudget({ turns: 9, tokens: 90 });
  const parts = [1 / 3, 1 / 3, 0.9].map((share) => {
    const reserved = reserve(budget, share, whole)!;
    budget = reserved.budget;
    return reserved.part;
  });
  assert.deepEqual(parts, [{ turns: 3, tokens: 30 }, { turns: 3, tokens: 30 }, { turns: 3, tokens: 30 }]);
  assert.equal(reserve(budget, 0.5, whole), null);
});

Deno.test("an unknown cost makes every sum unknown, and leaves nothing of a limit in money", () => {
  const unknown = { ...NOTHING_SPENT, nanoUsd: null };
  assert.equal(plus(plus(NOTHING_SPENT, unknown), NOTHING_SPENT).nanoUsd, null);
  const budget = spend(openBudget({ turns: 5, nanoUsd: 1_000_000 }), unknown);
  assert.equal(free(budget).nanoUsd, 0);
  assert.equal(exhausted(budget, 1, price), "usd");
});

const checks: [what: string, limits: Budget["limits"], input: number, limit: string | null][] = [
  ["a fresh budget", { turns: 1, tokens: 100, nanoUsd: 1_000 }, 10, null],
  ["no turns", { turns: 0 }, 0, "turns"],
  ["input as long as all tokens", { turns: 1, tokens: 100 }, 100, "tokens"],
  ["room for one token of output", { turns: 1, tokens: 100 }, 99, null],
  ["no money for the input", { turns: 1, nanoUsd: 9 }, 10, "usd"],
  ["money for the input but not for a token of output", { turns: 1, nanoUsd: 13 }, 10, "usd"],
  ["money for one token of output", { turns: 1, nanoUsd: 14 }, 10, null],
];

for (const [what, limits, input, limit] of checks) {
  Deno.test(`before an inference: ${what} is ${limit ?? "enough"}`, () => {
    assert.equal(exhausted(openBudget(limits), input, price), limit);
  });
}

const bounds: [limits: Budget["limits"], asked: number | undefined, bound: number | undefined][] = [
  [{ turns: 1 }, undefined, undefined],
  [{ turns: 1 }, 700, 700],
  [{ turns: 1, tokens: 1_000_000 }, undefined, undefined],
  [{ turns: 1, tokens: 1_000_000 }, 700, 700],
  [{ turns: 1, tokens: 600 }, undefined, 500],
  [{ turns: 1, tokens: 600 }, 700, 500],
  [{ turns: 1, nanoUsd: 500 }, undefined, 100],
  [{ turns: 1, tokens: 150, nanoUsd: 500 }, undefined, 50],
  [{ turns: 1, tokens: 10 }, undefined, 1],
];

for (const [limits, wanted, bound] of bounds) {
  Deno.test(`output of 100 tokens of input within ${JSON.stringify(limits)}, asked ${wanted}: ${bound}`, () => {
    assert.equal(outputBoundFor(openBudget(limits), 100, price, wanted), bound);
  });
}

/** A tree of runs that spend within their limits, hand parts on, and end. */
class Run {
  budget: Budget;
  own: Spent = NOTHING_SPENT;
  readonly children: { run: Run; part: Budget["limits"] }[] = [];

  constructor(limits: Budget["limits"]) {
    this.budget = openBudget(limits);
  }

  spend(fraction: number): void {
    const { turns, tokens = 50, nanoUsd = 70 } = free(this.budget);
    if (turns === 0) return;
    const input = Math.floor(tokens * fraction / 2);
    const used = {
      turns: 1,
      inputTokens: input,
      outputTokens: Math.floor(tokens * fraction) - input,
      nanoUsd: Math.floor(nanoUsd * fraction),
    };
    this.own = plus(this.own, used);
    this.budget = spend(this.budget, used);
  }

  delegate(share: number): void {
    const reserved = reserve(this.budget, share);
    if (reserved === null) return;
    this.budget = reserved.budget;
    this.children.push({ run: new Run(reserved.part), part: reserved.part });
  }

  end(at: number): Spent {
    const [child] = this.children.splice(at, 1);
    if (child === undefined) return NOTHING_SPENT;
    while (child.run.children.length > 0) child.run.end(0);
    this.budget = settle(this.budget, child.part, child.run.budget.spent);
    return child.run.budget.spent;
  }

  all(): Run[] {
    return [this, ...this.children.flatMap(({ run }) => run.all())];
  }
}

function check({ limits, spent, held }: Budget): void {
  const within = (used: number, limit: number | undefined, what: string) =>
    assert.ok(limit === undefined || used <= limit, `${what}: ${used} of ${limit}`);
  within(spent.turns + held.turns, limits.turns, "turns");
  within(spent.inputTokens + spent.outputTokens + held.tokens, limits.tokens, "tokens");
  within((spent.nanoUsd ?? 0) + held.nanoUsd, limits.nanoUsd, "nanoUsd");
  for (const amount of [held.turns, held.tokens, held.nanoUsd]) {
    assert.ok(Number.isSafeInteger(amount) && amount >= 0);
  }
}

Deno.test("the parts never exceed the whole, and nothing is lost or made up", () => {
  const act = fc.record({
    who: fc.nat(20),
    what: fc.constantFrom("spend", "delegate", "end"),
    fraction: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  const limits = fc.record({
    turns: fc.integer({ min: 1, max: 200 }),
    tokens: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined }),
    nanoUsd: fc.option(fc.integer({ min: 0, max: 1_000_000_000_000 }), { nil: undefined }),
  });
  fc.assert(fc.property(limits, fc.array(act, { maxLength: 60 }), (limits, acts) => {
    const root = new Run(limits);
    const ended: Spent[] = [];
    let spentByAll = NOTHING_SPENT;
    for (const { who, what, fraction } of acts) {
      const runs = root.all();
      const run = runs[who % runs.length]!;
      const before = run.own;
      if (what === "spend") {
        run.spend(fraction);
        spentByAll = plus(spentByAll, {
          turns: run.own.turns - before.turns,
          inputTokens: run.own.inputTokens - before.inputTokens,
          outputTokens: run.own.outputTokens - before.outputTokens,
          nanoUsd: run.own.nanoUsd! - before.nanoUsd!,
        });
      } else if (what === "delegate") run.delegate(fraction);
      else ended.push(run.end(0));
      for (const each of root.all()) check(each.budget);
    }
    while (root.children.length > 0) root.end(0);
    check(root.budget);
    assert.deepEqual(root.budget.spent, spentByAll);
    assert.deepEqual(root.budget.held, { turns: 0, tokens: 0, nanoUsd: 0 });
  }));
});
