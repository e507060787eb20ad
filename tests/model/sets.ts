// Sets: the three-way merge by element, as the document has it.

import type { Writer } from "./state.ts";

export interface SetCell {
  claims: Map<string, { removed: boolean; writer: string; rank: number }>;
  /** The last set each source sent. Empty as long as nobody but the base source has touched the cell. */
  bases: Map<string, Set<string>>;
}

/** The lowest-ranked source: what stands in a cell that nobody else touched is what it sent. */
export const baseSource = "gazelle_sync";

export const newSetCell = (): SetCell => ({ claims: new Map(), bases: new Map() });

/**
 * What a source's set becomes beside the one that stands there; its base moves on. An element stays while a
 * person or another source holds it; what a person took out stays out until no source repeats it.
 */
export function merge(
  cell: SetCell,
  source: string,
  current: Set<string>,
  incoming: Set<string>,
): Set<string> {
  if (cell.bases.size === 0 && source === baseSource) return incoming;
  touch(cell, current);
  // What it sent before and is gone, though nobody took it out, counts as not sent yet.
  const known = (cell.bases.get(source) ?? new Set()).intersection(current).union(takenOut(cell));
  const dropped = known.difference(incoming).difference(held(cell)).difference(heldByOthers(cell, source));
  const merged = current.difference(dropped).union(incoming.difference(known));
  cell.bases.set(source, incoming);
  settleRemovals(cell);
  return merged;
}

/** A person changed a set: what came in is claimed, what went out stays out. */
export function edit(cell: SetCell, person: Writer, before: Set<string>, after: Set<string>): void {
  touch(cell, before);
  const claim = { writer: person.writer, rank: person.rank };
  for (const element of after.difference(before)) cell.claims.set(element, { ...claim, removed: false });
  for (const element of before.difference(after)) cell.claims.set(element, { ...claim, removed: true });
}

/** A row came back: what was inserted and what others hold, less what people took out. */
export function comeBack(cell: SetCell, writer: Writer, inserted: Set<string>): Set<string> {
  const isPerson = writer.rank >= 100;
  const own = isPerson ? inserted : inserted.difference(takenOut(cell));
  const returned = heldByOthers(cell, writer.writer).difference(takenOut(cell)).union(own).union(held(cell));
  if (isPerson && inserted.size > 0) edit(cell, writer, new Set(), inserted);
  // What a source held in the row that is gone it no longer holds, even if it said nothing about the new one.
  if (!isPerson && (cell.bases.size > 0 || (writer.writer !== baseSource && inserted.size > 0))) {
    cell.bases.set(writer.writer, inserted);
  }
  return returned;
}

export const held = (cell: SetCell): Set<string> => claimed(cell, false);
export const takenOut = (cell: SetCell): Set<string> => claimed(cell, true);

function claimed(cell: SetCell, removed: boolean): Set<string> {
  return new Set([...cell.claims].flatMap(([element, claim]) => claim.removed === removed ? [element] : []));
}

export function touch(cell: SetCell, current: Set<string>): void {
  if (cell.bases.size === 0) cell.bases.set(baseSource, current);
}

function heldByOthers({ bases }: SetCell, source: string): Set<string> {
  return new Set([...bases].flatMap(([holder, base]) => holder === source ? [] : [...base]));
}

/** A removal has done its work once no source holds the element any more: if one adds it again, it is new. */
function settleRemovals(cell: SetCell): void {
  const repeated = heldByOthers(cell, "");
  for (const element of takenOut(cell)) if (!repeated.has(element)) cell.claims.delete(element);
}
