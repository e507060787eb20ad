// What the engine promises, as a small program over plain maps: written from the document, not from the SQL.

import { comeBack, edit, held, merge, takenOut, touch } from "./sets.ts";
import {
  cellOf,
  type Claim,
  claiming,
  type Column,
  holdsNoNull,
  isPerson,
  lowestRank,
  Refused,
  type Row,
  setCell,
  type State,
  type Writer,
} from "./state.ts";
import { elementsOf, isBlank, isSame, meaning, type Value } from "./values.ts";

export function update(state: State, writer: Writer, key: string, changes: Row, newKey = key): void {
  const row = state.rows.get(key);
  if (row === undefined) return;
  const written = { ...row };
  for (const column of state.columns) {
    const offered = changes[column.name];
    if (offered === undefined) continue;
    written[column.name] = isSame(offered, row[column.name]!, column.type) || column.mode === null
      ? offered
      : column.mode === "merge_set"
      ? writeSet(state, column, writer, key, row[column.name]!, offered)
      : writeScalar(state, column, writer, key, row[column.name]!, offered);
  }
  // A constraint is asked when every column has been judged.
  if (state.columns.some(({ name, notNull }) => notNull && written[name] === null)) {
    throw new Refused("23502");
  }
  state.rows.set(key, written);
  if (newKey !== key) moveKey(state, key, newKey);
}

function writeScalar(state: State, column: Column, writer: Writer, key: string, old: Value, offered: Value) {
  const cell = cellOf(column, key);
  if (isKeptOut(column, state.claims.get(cell), writer, old, offered)) {
    block(state, column, cell, offered);
    if (column.onConflict !== "observe") return old;
  }
  claim(state, column, cell, writer, offered);
  return offered;
}

/** The table of modes. */
function isKeptOut(column: Column, owner: Claim | undefined, writer: Writer, old: Value, offered: Value) {
  if (isPerson(writer)) return false;
  const blank = isBlank(offered, column.type, column.blankValues);
  switch (column.mode) {
    case "source_unless_blank":
      return blank;
    case "fill_blank":
      return blank || owner !== undefined || !isBlank(old, column.type, column.blankValues);
    case "manual":
      return true;
    case "claim":
      return owner !== undefined && (blank || writer.rank < owner.rank) &&
        meaning(offered, column.type) !== meaning(owner.value, column.type);
    default:
      return false;
  }
}

/** Only people own a blank; nobody takes a cell from a higher rank. */
function claim(state: State, column: Column, cell: string, writer: Writer, value: Value): void {
  const blank = isBlank(value, column.type, column.blankValues);
  const owner = state.claims.get(cell);
  if (!claiming.includes(column.mode) || (!isPerson(writer) && (blank || writer.rank <= lowestRank))) return;
  if (owner !== undefined && owner.rank > writer.rank) return;
  state.claims.set(cell, { ...owner, writer: writer.writer, rank: writer.rank, value });
}

function writeSet(
  state: State,
  column: Column,
  writer: Writer,
  key: string,
  old: Value,
  offered: Value,
): Value {
  const cell = cellOf(column, key);
  const [current, incoming] = [elementsOf(old), elementsOf(offered)];
  if (isPerson(writer)) {
    edit(setCell(state, cell), writer, current, incoming);
    return offered;
  }
  const isOpinion = incoming.size > 0 || (column.emptyIsOpinion && offered !== null);
  const merged = isOpinion ? merge(setCell(state, cell), writer.writer, current, incoming) : current;
  if (merged.symmetricDifference(incoming).size > 0) block(state, column, cell, offered);
  if (column.onConflict === "observe") return offered;
  return isOpinion ? [...merged] : old;
}

function block(state: State, column: Column, cell: string, offered: Value): void {
  if (column.onConflict === "reject") throw new Refused("PT409");
  record(state, column, cell, offered);
}

function record(state: State, column: Column, cell: string, offered: Value): void {
  state.blocked.set(column.name, (state.blocked.get(column.name) ?? 0) + 1);
  const owner = state.claims.get(cell);
  if (owner !== undefined) state.claims.set(cell, { ...owner, offered: { value: offered } });
}

/** A row that is new, or comes back: then its claims, which outlived it, are honoured. */
export function insert(state: State, writer: Writer, key: string, values: Row): void {
  const row: Row = {};
  for (const column of state.columns) {
    const value = values[column.name];
    const isFilled = value === null && holdsNoNull(column);
    row[column.name] = value === undefined || isFilled ? column.default : value;
    if (row[column.name] === null && column.notNull) throw new Refused("23502");
  }
  if (state.rows.has(key)) throw new Refused("23505");
  state.rows.set(key, row);
  for (const column of state.columns) {
    const cell = cellOf(column, key);
    const inserted = row[column.name]!;
    if (column.mode === "merge_set") row[column.name] = insertSet(state, column, cell, writer, inserted);
    if (claiming.includes(column.mode)) {
      row[column.name] = insertScalar(state, column, cell, writer, inserted);
    }
  }
}

function insertScalar(state: State, column: Column, cell: string, writer: Writer, inserted: Value): Value {
  const owner = state.claims.get(cell);
  const blank = isBlank(inserted, column.type, column.blankValues);
  if (owner !== undefined && meaning(owner.value, column.type) === meaning(inserted, column.type)) {
    return inserted;
  }
  if (owner === undefined || (!blank && writer.rank >= owner.rank)) {
    if (!blank) claim(state, column, cell, writer, inserted);
    return inserted;
  }
  if (!blank && !isPerson(writer)) record(state, column, cell, inserted);
  return owner.value;
}

function insertSet(state: State, column: Column, cell: string, writer: Writer, inserted: Value): Value {
  const incoming = elementsOf(inserted);
  const returned = comeBack(setCell(state, cell), writer, incoming);
  const changed = returned.symmetricDifference(incoming).size > 0;
  if (changed && incoming.size > 0 && !isPerson(writer)) record(state, column, cell, inserted);
  return changed ? [...returned] : inserted;
}

/** INSERT … ON CONFLICT DO UPDATE: a NULL that the column cannot hold keeps what stands there. */
export function upsert(state: State, writer: Writer, key: string, values: Row): void {
  const row = state.rows.get(key);
  if (row === undefined) return insert(state, writer, key, values);
  const changes = { ...values };
  if (
    state.columns.some((column) => column.notNull && !holdsNoNull(column) && values[column.name] === null)
  ) {
    throw new Refused("23502");
  }
  for (const column of state.columns) {
    if (!holdsNoNull(column) || changes[column.name] !== null) continue;
    const standing = row[column.name]!;
    changes[column.name] = standing;
    if (!isBlank(standing, column.type, column.blankValues)) block(state, column, cellOf(column, key), null);
  }
  update(state, writer, key, changes);
}

/** Gives a cell back: what was offered last lands; a set becomes what the sources hold, if any does. */
export function release(state: State, key: string, column: Column): void {
  const cell = cellOf(column, key);
  const row = state.rows.get(key);
  const set = state.sets.get(cell);
  const owner = state.claims.get(cell);
  if (owner === undefined && (set === undefined || set.claims.size === 0)) throw new Refused("OW010");
  state.claims.delete(cell);
  if (row !== undefined && owner?.offered !== undefined) {
    const landing = owner.offered.value;
    if (landing !== null || !column.notNull) row[column.name] = landing;
  }
  if (set === undefined) return;
  set.claims.clear();
  const landing = [...set.bases.values()].reduce((all, base) => all.union(base), new Set());
  if (row !== undefined && (landing.size > 0 || column.emptyIsOpinion)) row[column.name] = [...landing];
}

/** Claims what stands in a column, where nobody owns it, nor its absence. */
export function adopt(state: State, column: Column, writer: Writer): void {
  for (const [key, row] of state.rows) {
    const cell = cellOf(column, key);
    const value = row[column.name]!;
    if (column.mode !== "merge_set") {
      if (!isBlank(value, column.type, column.blankValues) && !state.claims.has(cell)) {
        state.claims.set(cell, { ...writer, value });
      }
      continue;
    }
    const set = setCell(state, cell);
    const unowned = elementsOf(value).difference(held(set)).difference(takenOut(set));
    if (unowned.size > 0) touch(set, elementsOf(value));
    for (const element of unowned) set.claims.set(element, { ...writer, removed: false });
  }
}

/** What is owned in a row goes along with it; what another row once left under the new key does not stay. */
function moveKey(state: State, key: string, newKey: string): void {
  if (state.rows.has(newKey)) throw new Refused("23505");
  move(state.rows, key, newKey);
  for (const column of state.columns) {
    move(state.claims, cellOf(column, key), cellOf(column, newKey));
    move(state.sets, cellOf(column, key), cellOf(column, newKey));
  }
}

function move<T>(map: Map<string, T>, from: string, to: string): void {
  const moved = map.get(from);
  map.delete(from);
  map.delete(to);
  if (moved !== undefined) map.set(to, moved);
}
