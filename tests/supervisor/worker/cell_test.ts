import assert from "node:assert/strict";
import { ALL } from "../../../supervisor/actor/grant.ts";
import { DEFAULTS } from "../../../supervisor/tree/spec.ts";
import { Book } from "../../../supervisor/worker/book.ts";
import { Cell, type CellHost } from "../../../supervisor/worker/cell.ts";
import { Spawner } from "../../../supervisor/worker/spawner.ts";
import { counter } from "../../workers/counter.ts";
import { fails, runningWorkers } from "../stage.ts";

/** A cell in no tree. */
async function withCell(options: () => unknown, test: (cell: Cell) => Promise<void>): Promise<void> {
  const host: CellHost = { book: new Book(), spawner: new Spawner(), speech() {}, bury() {} };
  const cell = new Cell("root/a", counter, options, DEFAULTS, ALL, host);
  try {
    await test(cell);
  } finally {
    await cell.stop();
    await host.spawner.close();
  }
  assert.equal(runningWorkers(), 0);
}

Deno.test("a start that was forbidden before its worker was made stays forbidden, whoever starts it next", async () => {
  await withCell(() => ({ from: 1 }), async (cell) => {
    const first = fails(cell.start(), "start_failed");
    cell.kill("it was stopped while it started");
    await cell.stop();
    await cell.start();
    await first;
    assert.equal(runningWorkers(), 1);
  });
});

Deno.test("an actor whose options cannot be made does not start and leaves no worker", async () => {
  const options = () => {
    throw new Error("no options today");
  };
  await withCell(options, async (cell) => {
    assert.match((await fails(cell.start(), "start_failed")).message, /no options today/);
    assert.equal(runningWorkers(), 0);
  });
});
