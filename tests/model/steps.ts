// An operation as what is sent to the database, transaction by transaction, and what the model makes of it.

import * as model from "./model.ts";
import { type Column, leavesClaims, Refused, type Row, type State, type Writer } from "./state.ts";
import type { Operation, Rows } from "./operations.ts";
import * as sql from "./table.ts";
import { keyText, type Table } from "./table.ts";

/** A role, what it pretends to be, and as whom the engine is to see it. */
export interface Actor extends Writer {
  role: string;
  pretends: string;
}

export interface Step {
  by: Actor;
  sql: string;
  /** Lines for a COPY. */
  lines?: string[];
  /** What was kept out of a cell is told as long as the cell keeps its owner and its key. */
  forgets?: true;
  apply(state: State): void;
}

const actors: Record<Operation["by"], Actor> = {
  manual_editor: { writer: "manual_editor", rank: 100, role: "manual_editor", pretends: "" },
  pls_detector: { writer: "pls_detector", rank: 50, role: "pls_detector", pretends: "" },
  service_role: { writer: "service_role", rank: 20, role: "service_role", pretends: "" },
  gazelle_sync: { writer: "gazelle_sync", rank: 10, role: "gazelle_sync", pretends: "" },
  unregistered: { writer: "unknown", rank: 0, role: "anon", pretends: "" },
  "lowered person": { writer: "gazelle_sync", rank: 10, role: "manual_editor", pretends: "gazelle_sync" },
  "forging sync": { writer: "gazelle_sync", rank: 10, role: "gazelle_sync", pretends: "postgres" },
};
const administrator: Actor = { writer: "postgres", rank: 100, role: "none", pretends: "" };

export function stepsOf(operation: Operation, table: Table, state: State, version: number): Step[] {
  const by = actors[operation.by];
  switch (operation.do) {
    case "delete": {
      const keys = operation.keys;
      return [{ by, sql: sql.remove(table, keys), apply: (state) => remove(state, table, keys) }];
    }
    case "release": {
      const column = columnOf(operation, state);
      const key = keyText(table, operation.key);
      const call = `select ownership.release('${table.name}', '${
        key.replaceAll("'", "''")
      }', '${column.name}')`;
      const apply = (state: State) => model.release(state, key, column);
      return column.mode === null ? [] : [{ by: administrator, sql: call, apply, forgets: true }];
    }
    case "adopt": {
      const column = columnOf(operation, state);
      const call = `select ownership.adopt('${table.name}', '${column.name}', '${operation.for}')`;
      const apply = (state: State) => model.adopt(state, column, actors[operation.for]);
      return leavesClaims(column) ? [{ by: administrator, sql: call, apply }] : [];
    }
    case "protect again": {
      const column = columnOf(operation, state);
      if (column.mode === null) return [];
      return [{ by: administrator, sql: sql.protect(table, column), apply: () => {} }];
    }
    case "write back":
      return writeBack(by, actors[operation.editor], operation.write, table, state);
    default:
      return writing(operation, by, table, state, version);
  }
}

type Writing = Extract<Operation, { write: Rows }>;

function writing(operation: Writing, by: Actor, table: Table, state: State, version: number): Step[] {
  const columns = namedColumns(operation.write, state);
  const rows = rowsOf(operation.write, columns, table, state);
  const each = (apply: (state: State, key: string, row: Row) => void) => (state: State) =>
    eachRow(rows, (key, row) => apply(state, keyText(table, key), row));
  const update = each((state, key, row) => model.update(state, by, key, row));
  const upsert = each((state, key, row) => model.upsert(state, by, key, row));
  const insert = each((state, key, row) => model.insert(state, by, key, row));
  switch (operation.do) {
    case "update":
      return columns.length === 0 ? [] : [{ by, sql: sql.update(table, columns, rows), apply: update }];
    case "upsert":
      return [{ by, sql: sql.upsert(table, columns, rows), apply: upsert }];
    case "merge":
      return [{ by, sql: sql.merge(table, columns, rows), apply: mergeInto }];
    case "mirror": {
      if (version < 17) return [];
      const text = sql.merge(table, columns, rows, "when not matched by source then delete");
      return [{
        by,
        sql: text,
        apply: (state) => (mergeInto(state), keepOnly(state, table, [...rows.keys()])),
      }];
    }
    case "insert":
    case "copy":
      return insertNew(operation.do);
    case "move": {
      const row = new Map([[operation.from, rows.values().next().value!]]);
      const [from, to] = [keyText(table, operation.from), keyText(table, operation.to)];
      // Between partitions a row is deleted and inserted, and an insert fills a NULL that the column refuses.
      if (columns.some(({ name, notNull }) => notNull && row.get(operation.from)![name] === null)) return [];
      const apply = (state: State) => model.update(state, by, from, [...row.values()][0]!, to);
      return [{ by, sql: sql.update(table, columns, row, operation.to), apply, forgets: true }];
    }
    case "replace":
      return replace(operation.way);
    default:
      return [];
  }

  function mergeInto(state: State): void {
    eachRow(rows, (key, row) => {
      const text = keyText(table, key);
      if (state.rows.has(text)) model.update(state, by, text, row);
      else model.insert(state, by, text, row);
    });
  }

  function insertNew(how: "insert" | "copy"): Step[] {
    for (const key of [...rows.keys()]) if (state.rows.has(keyText(table, key))) rows.delete(key);
    if (rows.size === 0) return [];
    const text = how === "copy" ? sql.copy(table, columns) : sql.insert(table, columns, rows);
    const lines = how === "copy" ? { lines: sql.copyLines(table, columns, rows) } : {};
    return [{ by, sql: text, ...lines, apply: insert }];
  }

  function replace(way: Extract<Operation, { do: "replace" }>["way"]): Step[] {
    const gone = (state: State) =>
      way === "truncate" ? state.rows.clear() : remove(state, table, [...rows.keys()]);
    const away = way === "truncate" ? `truncate ${table.name}` : sql.remove(table, [...rows.keys()]);
    const again = sql.insert(table, columns, rows);
    if (way === "two transactions") {
      return [{ by, sql: away, apply: gone }, { by, sql: again, apply: insert }];
    }
    const text = way === "statement" ? sql.replaceAtOnce(table, columns, rows) : `${away};\n${again}`;
    return [{ by, sql: text, apply: (state) => (gone(state), insert(state)) }];
  }
}

/** In which order a statement comes to its rows is open, and with it which of their refusals ends it. */
function eachRow(rows: Map<number, Row>, apply: (key: number, row: Row) => void): void {
  const refusals: string[] = [];
  for (const [key, row] of rows) {
    try {
      apply(key, row);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusals.push(...error.codes);
    }
  }
  if (refusals.length > 0) throw new Refused(...refusals);
}

/** Somebody reads a row, somebody else edits it, and the first writes the whole row back as he read it. */
function writeBack(by: Actor, editor: Actor, write: Rows, table: Table, state: State): Step[] {
  const key = write.rows[0]!.key;
  const stale = state.rows.get(keyText(table, key));
  const columns = namedColumns(write, state);
  if (stale === undefined || columns.length === 0) return [];
  const edited = new Map([[key, rowsOf(write, columns, table, state).get(key)!]]);
  return [
    { by: editor, columns, rows: edited },
    { by, columns: state.columns, rows: new Map([[key, structuredClone(stale)]]) },
  ].map(({ by, columns, rows }) => ({
    by,
    sql: sql.update(table, columns, rows),
    apply: (state: State) => model.update(state, by, keyText(table, key), rows.get(key)!),
  }));
}

const columnOf = ({ column }: { column: number }, { columns }: State): Column =>
  columns[column % columns.length]!;

const namedColumns = (write: Rows, state: State): Column[] =>
  state.columns.filter((_, place) => write.named[place]);

function rowsOf(write: Rows, columns: Column[], table: Table, state: State): Map<number, Row> {
  return new Map(write.rows.map(({ key, values }) => {
    const standing = state.rows.get(keyText(table, key));
    const row = columns.map((column) => {
      const draw = values[state.columns.indexOf(column)]!;
      return [column.name, sql.valueOf(column, draw, standing?.[column.name] ?? null)];
    });
    return [key, Object.fromEntries(row)];
  }));
}

const remove = (state: State, table: Table, keys: number[]): void =>
  keys.forEach((key) => state.rows.delete(keyText(table, key)));

function keepOnly(state: State, table: Table, keys: number[]): void {
  const kept = keys.map((key) => keyText(table, key));
  for (const key of [...state.rows.keys()]) if (!kept.includes(key)) state.rows.delete(key);
}
