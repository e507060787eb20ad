// What fast-check makes up: a table with its policies, and what writers do to it.

import fc from "fast-check";
import type { Column, Mode } from "./state.ts";
import { isSetType, kinds } from "./values.ts";

export const keyShapes = ["text", "bigint", "uuid", "composite", "partitions"] as const;
export const writers = [
  "manual_editor",
  "pls_detector",
  "service_role",
  "gazelle_sync",
  "unregistered",
  "lowered person",
  "forging sync",
] as const;

export interface Shape {
  key: typeof keyShapes[number];
  columns: Column[];
  /** Values of the rows that were there before the table was protected. */
  before: Draw[][];
}

/** A number that stands for a value: the type's own, or for a set also one edit of what stands there. */
export type Draw = number;

/** Rows by the number of their key; `named` are the columns that the statement names, as far as there are any. */
export interface Rows {
  named: boolean[];
  rows: { key: number; values: Draw[] }[];
}

export type Operation =
  & { by: typeof writers[number]; rollBack: boolean }
  & (
    | { do: "update" | "upsert" | "merge" | "insert" | "copy"; write: Rows }
    | { do: "mirror"; write: Rows }
    | { do: "delete"; keys: number[] }
    | { do: "replace"; way: "statement" | "transaction" | "two transactions" | "truncate"; write: Rows }
    | { do: "move"; from: number; to: number; write: Rows }
    | { do: "write back"; editor: typeof writers[number]; write: Rows }
    | { do: "release"; key: number; column: number }
    | { do: "adopt"; column: number; for: "manual_editor" | "pls_detector" }
    | { do: "protect again"; column: number }
  );

export const columnCount = 4;
export const keyCount = 5;

export function tables(): fc.Arbitrary<Shape> {
  return fc.record({
    key: fc.constantFrom(...keyShapes),
    columns: fc.array(columns(), { minLength: 1, maxLength: columnCount, size: "max" }).map((drawn) =>
      drawn.map((column, place) => ({ ...column, name: `c${place}` }))
    ),
    before: fc.array(fc.array(draws(), { minLength: columnCount, maxLength: columnCount }), { maxLength: 2 }),
  });
}

function columns(): fc.Arbitrary<Column> {
  const facts = fc.record({
    kind: fc.constantFrom(...kinds, ...kinds.filter(({ type }) => isSetType(type))),
    scalarMode: fc.constantFrom<Mode | null>(
      "claim",
      "claim",
      "claim",
      "fill_blank",
      "manual",
      "source_unless_blank",
      "source",
      null,
    ),
    asSet: fc.nat(5).map((drawn) => drawn > 0),
    onConflict: fc.constantFrom<Column["onConflict"]>("keep", "keep", "keep", "observe", "reject"),
    blanks: fc.boolean(),
    emptyIsOpinion: fc.boolean(),
    notNull: fc.nat(3).map((drawn) => drawn === 0),
    default: fc.option(draws(), { nil: null }),
  });
  return facts.map(({ kind, scalarMode, asSet, blanks, notNull, default: drawn, ...options }) => {
    const mode = isSetType(kind.type) && asSet ? "merge_set" : scalarMode;
    const values = kind.pool.filter((value) => value !== null);
    const fallback = values[(drawn ?? 0) % values.length]!;
    // What a NULL into a NOT NULL column is worth where conflicts are to be raised, the document leaves open.
    const isNotNull = notNull && options.onConflict === "keep" && mode !== null;
    return {
      name: "",
      type: kind.type,
      mode,
      blankValues: blanks && kind.blankable !== undefined && mode !== "merge_set" ? [kind.blankable] : [],
      notNull: isNotNull,
      default: isNotNull || drawn !== null ? fallback : null,
      ...options,
    };
  });
}

export function operations(): fc.Arbitrary<Operation> {
  const by = fc.constantFrom(...writers, "manual_editor", "gazelle_sync");
  const who = { by, rollBack: fc.nat(15).map((drawn) => drawn === 15) };
  const key = fc.nat(keyCount - 1);
  const column = fc.nat(columnCount - 1);
  const write = fc.record({
    named: fc.array(fc.boolean(), { minLength: columnCount, maxLength: columnCount }),
    rows: fc.uniqueArray(
      fc.record({ key, values: fc.array(draws(), { minLength: columnCount, maxLength: columnCount }) }),
      { selector: (row) => row.key, minLength: 1, maxLength: 3 },
    ),
  });
  const op = <T extends Operation["do"]>(name: T) => fc.constant(name);
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ ...who, do: op("update"), write }) },
    { weight: 8, arbitrary: fc.record({ ...who, do: op("upsert"), write }) },
    { weight: 3, arbitrary: fc.record({ ...who, do: op("merge"), write }) },
    { weight: 1, arbitrary: fc.record({ ...who, do: op("mirror"), write }) },
    { weight: 3, arbitrary: fc.record({ ...who, do: op("insert"), write }) },
    { weight: 2, arbitrary: fc.record({ ...who, do: op("copy"), write }) },
    { weight: 2, arbitrary: fc.record({ ...who, do: op("delete"), keys: fc.array(key, { maxLength: 3 }) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        ...who,
        do: op("replace"),
        way: fc.constantFrom("statement", "transaction", "two transactions", "truncate"),
        write,
      }),
    },
    { weight: 2, arbitrary: fc.record({ ...who, do: op("move"), from: key, to: key, write }) },
    { weight: 2, arbitrary: fc.record({ ...who, do: op("write back"), editor: by, write }) },
    { weight: 2, arbitrary: fc.record({ ...who, do: op("release"), key, column }) },
    {
      weight: 1,
      arbitrary: fc.record({
        ...who,
        do: op("adopt"),
        column,
        for: fc.constantFrom("manual_editor", "pls_detector"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ ...who, do: op("protect again"), column }) },
  ) as fc.Arbitrary<Operation>;
}

function draws(): fc.Arbitrary<Draw> {
  return fc.nat(39);
}
