/**
 * Who holds whose reference in a team. References go straight from member to member: a topology is a
 * wiring of direct ports, not a relay.
 *
 * @module
 */

/** A member and those it may send to, in the order of the members. */
export type Wiring<Member> = ReadonlyMap<Member, readonly Member[]>;

/** Members report only to the leader, and the leader reaches all of them. */
export function star<Member>(leader: Member, members: readonly Member[]): Wiring<Member> {
  const others = members.filter((member) => member !== leader);
  return new Map<Member, readonly Member[]>([
    [leader, others],
    ...others.map((member) => [member, [leader]] as const),
  ]);
}

/** Everybody reaches everybody else. */
export function mesh<Member>(members: readonly Member[]): Wiring<Member> {
  return new Map(members.map((member) => [member, members.filter((other) => other !== member)]));
}

/** Member i reaches member (i + 1) mod n; one alone reaches nobody. */
export function ring<Member>(members: readonly Member[]): Wiring<Member> {
  if (members.length < 2) return new Map(members.map((member) => [member, []]));
  return new Map(members.map((member, i) => [member, [members[(i + 1) % members.length]!]]));
}
