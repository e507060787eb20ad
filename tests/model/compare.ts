// What is to be seen of a table, against the model.

import assert from "node:assert/strict";
import { cellOf, type Row, type State } from "./state.ts";
import type { Table } from "./table.ts";
import { elementsOf, meaning, type Value } from "./values.ts";

export interface Seen {
  rows: { key: string[]; row: Row }[] | null;
  claims: SeenClaim[] | null;
  blocked: Record<string, number> | null;
}

interface SeenClaim {
  col: string;
  key: string;
  element: string;
  removed: boolean;
  writer: string;
  rank: number;
  value: unknown;
  /** Whether the value is SQL's NULL, and not JSON's. */
  unset: boolean;
}

/** Compares, then takes over what the document leaves open: the order of a set, the spelling of equal values. */
export function settle(table: Table, state: State, seen: Seen, forgets = false): void {
  const rows = new Map((seen.rows ?? []).map(({ key, row }) => [nameOf(key), row]));
  const blocked = seen.blocked ?? {};
  assert.deepEqual(
    { rows: rowMeanings(state, rows), claims: claimsSeen(state, seen), blocked },
    {
      rows: rowMeanings(state, state.rows),
      claims: claimsExpected(state),
      blocked: forgets ? blocked : Object.fromEntries(state.blocked),
    },
    `seen (+) is not what the model expects (-) of ${table.name}`,
  );
  state.rows = rows;
  state.blocked = new Map(Object.entries(blocked));
}

const nameOf = ([first, second]: string[]): string =>
  second === undefined ? first! : `[${JSON.stringify(first)}, ${JSON.stringify(second)}]`;

function rowMeanings({ columns }: State, rows: Map<string, Row>): Record<string, unknown> {
  return Object.fromEntries([...rows].map(([key, row]) => [
    key,
    Object.fromEntries(columns.map(({ name, type, mode }) => {
      const value = row[name]!;
      return [name, mode === "merge_set" ? [...elementsOf(value)].sort() : meaning(value, type)];
    })),
  ]));
}

function claimsExpected(state: State): string[] {
  const claims = [...state.claims].map(([cell, { writer, value }]) => {
    const column = state.columns.find(({ name }) => cell.startsWith(`${name} `))!;
    return `${cell}: ${writer} holds ${meaning(value, column.type)}`;
  });
  const elements = [...state.sets].flatMap(([cell, set]) =>
    [...set.claims].map(([element, { writer, removed }]) =>
      `${cell}: ${writer} ${removed ? "took out" : "holds"} ${element}`
    )
  );
  return [...claims, ...elements].sort();
}

function claimsSeen(state: State, { claims }: Seen): string[] {
  return (claims ?? []).map((claim) => {
    const column = state.columns.find(({ name }) => name === claim.col)!;
    const cell = cellOf(column, claim.key);
    return column.mode === "merge_set"
      ? `${cell}: ${claim.writer} ${claim.removed ? "took out" : "holds"} ${claim.element}`
      : `${cell}: ${claim.writer} holds ${meaning(fromJson(claim, column.type), column.type)}`;
  }).sort();
}

function fromJson({ value, unset }: SeenClaim, type: string): Value {
  if (unset) return null;
  if (type === "json" || type === "jsonb") return JSON.stringify(value);
  if (Array.isArray(value)) return value.map((element) => element === null ? null : String(element));
  return String(value);
}
