/**
 * The book of references: who may send to whom, and through what that right was lent.
 *
 * The main thread keeps it. It connects holders and actors, connects them anew when an actor restarts (K9)
 * and cuts what is revoked; no message between actors passes through it.
 *
 * @module
 */
import type { FaultData } from "../../protocols/messages/fault.ts";
import type { InletSpec } from "../actor/control.ts";
import type { LinkNews } from "../actor/exchange.ts";

/** A thread that holds references. */
export interface Party {
  tell(news: LinkNews): void;
}

/** An actor's lasting place in the book, whatever happens to its workers. */
export interface Seat {
  readonly name: string;
  /** The worker there now. */
  readonly desk: Desk | undefined;
  /** Set once the actor will never be there again. */
  readonly gone: FaultData | undefined;
  /** Somebody waits for it. */
  wanted(): void;
}

/** A running worker as the book sees it. */
export interface Desk {
  accept(inlet: InletSpec): void;
  drop(token: string): void;
  /** A place in the ledger, or -1. */
  takeSlot(): number;
  freeSlot(slot: number): void;
  /** What the worker had done on that place. */
  progress(slot: number): { begun: number; posted: number };
}

interface Entry {
  readonly token: string;
  readonly seat: Seat;
  /** Names under which the right was lent, oldest first. */
  readonly lineage: readonly string[];
  holder?: Party;
  slot: number;
  /** What a holder that has not spoken yet must hear when it does. */
  unheard: LinkNews[];
}

/** Where a reference leads that was made from one its maker had lost meanwhile. */
const NOWHERE: Seat = {
  name: "nobody",
  desk: undefined,
  gone: {
    code: "revoked",
    message: "Cannot reach anybody: the reference this one was made from had ended",
    retry: "never",
  },
  wanted() {},
};

/** See the module's words. */
export class Book {
  readonly #entries = new Map<string, Entry>();
  readonly #bySeat = new Map<Seat, Set<Entry>>();
  /** Holders that spoke before the minting of what they hold was heard of: workers are heard one by one. */
  readonly #early = new Map<string, Party>();
  /** What they passed on meanwhile, by the token they passed it on from. */
  readonly #orphans = new Map<string, Parameters<Book["mint"]>[]>();

  /** A new right for `holder`; the port is absent while the actor is down. */
  grant(seat: Seat, holder: Party): { token: string; port: MessagePort | undefined } {
    const token = crypto.randomUUID();
    const entry = this.#enter(token, seat, [], holder);
    if (seat.desk === undefined) return { token, port: undefined };
    const { port1, port2 } = new MessageChannel();
    this.#seatAt(seat.desk, entry, port2);
    return { token, port: port1 };
  }

  /** `speaker` passes on a right it holds (or, as `seat`, itself). What it does not hold leads nowhere. */
  mint(
    speaker: Party,
    seat: Seat | undefined,
    via: string,
    lent: readonly string[],
    token: string,
    port: MessagePort,
  ): void {
    if (this.#entries.has(token)) return port.close();
    if (this.#early.get(via) === speaker) {
      const orphans = this.#orphans.get(via) ?? [];
      return void this.#orphans.set(via, [...orphans, [speaker, seat, via, lent, token, port]]);
    }
    const booked = this.#entries.get(via);
    const source = booked?.holder === speaker ? booked : undefined;
    const target = (via === "self" ? seat : source?.seat) ?? NOWHERE;
    const entry = this.#enter(token, target, [...source?.lineage ?? [], ...lent], this.#early.get(token));
    this.#early.delete(token);
    if (target.desk !== undefined && target.gone === undefined) this.#seatAt(target.desk, entry, port);
    else this.#leaveUnseated(entry, port);
    for (const orphan of this.#orphans.get(token) ?? []) this.mint(...orphan);
    this.#orphans.delete(token);
  }

  /** `speaker` received that right. */
  hold(speaker: Party, token: string): void {
    const entry = this.#entries.get(token);
    if (entry === undefined) return void this.#early.set(token, speaker);
    if (entry.holder !== undefined) return;
    entry.holder = speaker;
    for (const news of entry.unheard) speaker.tell(news);
    if (entry.unheard.some(({ op }) => op === "gone")) this.#erase(entry);
    entry.unheard = [];
  }

  /** `speaker` gives that right up. */
  close(speaker: Party, token: string): void {
    const entry = this.#entries.get(token);
    if (entry?.holder === speaker) this.#cut(entry);
  }

  /** `speaker` has a message for an actor that is down. */
  want(speaker: Party, token: string): void {
    const entry = this.#entries.get(token);
    if (entry?.holder === speaker) entry.seat.wanted();
  }

  /** Ends all rights that were made through what was lent under that name. */
  revoke(lent: string): void {
    for (const entry of [...this.#entries.values()]) {
      if (!entry.lineage.includes(lent)) continue;
      this.#unseat(entry);
      const message = `Cannot reach "${entry.seat.name}": the reference was revoked`;
      this.#end(entry, { code: "revoked", message, retry: "never" });
    }
  }

  /** All that a thread held ends with it. */
  holderEnded(party: Party): void {
    for (const entry of [...this.#entries.values()]) if (entry.holder === party) this.#cut(entry);
    for (const [token, early] of [...this.#early]) {
      if (early !== party) continue;
      this.#early.delete(token);
      for (const [, , , , , port] of this.#orphans.get(token) ?? []) port.close();
      this.#orphans.delete(token);
    }
  }

  /** The worker at a seat ended. */
  down(seat: Seat, desk: Desk, reason: string): void {
    for (const entry of this.#of(seat)) {
      this.#tell(entry, { op: "down", token: entry.token, ...desk.progress(entry.slot), reason });
    }
  }

  /** A new worker is to serve a seat: the ends it gets. */
  up(seat: Seat, desk: Desk): InletSpec[] {
    return this.#of(seat).map((entry) => {
      const { port1, port2 } = new MessageChannel();
      entry.slot = desk.takeSlot();
      this.#tell(entry, { op: "up", token: entry.token, port: port1 });
      return { token: entry.token, slot: entry.slot, port: port2 };
    });
  }

  /** Nobody will serve that seat again. */
  gone(seat: Seat, fault: FaultData): void {
    for (const entry of this.#of(seat)) this.#end(entry, fault);
  }

  /** Nothing is on its way any more. */
  end(): void {
    for (const { unheard } of this.#entries.values()) {
      for (const news of unheard) if (news.op === "up") news.port.close();
    }
    this.#entries.clear();
    this.#bySeat.clear();
  }

  #enter(token: string, seat: Seat, lineage: readonly string[], holder: Party | undefined): Entry {
    const entry: Entry = { token, seat, lineage, holder, slot: -1, unheard: [] };
    this.#entries.set(token, entry);
    const all = this.#bySeat.get(seat) ?? new Set();
    this.#bySeat.set(seat, all.add(entry));
    return entry;
  }

  #of(seat: Seat): Entry[] {
    return [...this.#bySeat.get(seat) ?? []];
  }

  #seatAt(desk: Desk, entry: Entry, port: MessagePort): void {
    entry.slot = desk.takeSlot();
    desk.accept({ token: entry.token, slot: entry.slot, port });
  }

  #leaveUnseated(entry: Entry, port: MessagePort): void {
    port.close();
    const { token, seat: { gone } } = entry;
    if (gone !== undefined) this.#end(entry, gone);
    else this.#tell(entry, { op: "down", token, begun: 0, posted: 0, reason: "not started" });
  }

  /**
   * What a holder that has not spoken must hear later: of several deaths only the first concerns the port on
   * its way, and of several ports only the last is alive.
   */
  #tell(entry: Entry, news: LinkNews): void {
    if (entry.holder !== undefined) return entry.holder.tell(news);
    const isNew = news.op !== "down" || entry.unheard.every(({ op }) => op !== "down");
    entry.unheard = entry.unheard.filter((old) => old.op !== "up" || void old.port.close());
    if (isNew) entry.unheard.push(news);
  }

  #unseat(entry: Entry): void {
    entry.seat.desk?.drop(entry.token);
    entry.seat.desk?.freeSlot(entry.slot);
    entry.slot = -1;
  }

  #cut(entry: Entry): void {
    this.#unseat(entry);
    this.#erase(entry);
  }

  /** A right that is still on its way stays in the book until its holder can be told. */
  #end(entry: Entry, fault: FaultData): void {
    this.#tell(entry, { op: "gone", token: entry.token, fault });
    this.#erase(entry);
    if (entry.holder === undefined) this.#entries.set(entry.token, entry);
  }

  #erase(entry: Entry): void {
    this.#entries.delete(entry.token);
    this.#bySeat.get(entry.seat)?.delete(entry);
    if (this.#bySeat.get(entry.seat)?.size === 0) this.#bySeat.delete(entry.seat);
  }
}
