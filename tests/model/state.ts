// What the model knows of one table.

import { newSetCell, type SetCell } from "./sets.ts";
import type { Value } from "./values.ts";

export type Mode = "source" | "source_unless_blank" | "fill_blank" | "manual" | "claim" | "merge_set";

/** A column; without a mode it is not protected. */
export interface Column {
  name: string;
  type: string;
  mode: Mode | null;
  onConflict: "keep" | "reject" | "observe";
  blankValues: string[];
  emptyIsOpinion: boolean;
  notNull: boolean;
  default: Value;
}

export interface Writer {
  writer: string;
  rank: number;
}

export type Row = Record<string, Value>;

export interface Claim extends Writer {
  value: Value;
  /** What was kept out last. */
  offered?: { value: Value };
}

/** One table: rows by key, and what is known of each cell by `<column> <key>`, which outlives the row. */
export interface State {
  columns: Column[];
  rows: Map<string, Row>;
  claims: Map<string, Claim>;
  sets: Map<string, SetCell>;
  /** How many writes were kept out, by column. */
  blocked: Map<string, number>;
}

/** The statement fails with one of these SQLSTATEs, and nothing of it stands. */
export class Refused extends Error {
  readonly codes: string[];
  constructor(...codes: string[]) {
    super(codes.join(" or "));
    this.codes = codes;
  }
}

/** The writer ranked lowest, from whom no registered writer needs protecting, leaves no claims on scalars. */
export const lowestRank = 10;
export const claiming: (Mode | null)[] = ["claim", "fill_blank", "manual"];

/** Whether anybody can own a cell of the column. */
export const leavesClaims = ({ mode }: Column): boolean => mode === "merge_set" || claiming.includes(mode);

/** A NULL that such a column is sent must not take the batch with it. */
export const holdsNoNull = ({ notNull, mode }: Column): boolean =>
  notNull && mode !== null && mode !== "source";

export const cellOf = (column: Column, key: string): string => `${column.name} ${key}`;
export const isPerson = (writer: Writer): boolean => writer.rank >= 100;

export function setCell(state: State, cell: string): SetCell {
  if (!state.sets.has(cell)) state.sets.set(cell, newSetCell());
  return state.sets.get(cell)!;
}
