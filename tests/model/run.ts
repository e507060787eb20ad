// Plays a sequence of operations on the database and on the model, and compares after each.

import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import postgres from "postgres";

import { cellOf, Refused, type Row, setCell, type State } from "./state.ts";
import type { Operation, Shape } from "./operations.ts";
import { type Seen, settle } from "./compare.ts";
import { touch } from "./sets.ts";
import { type Step, stepsOf } from "./steps.ts";
import * as definition from "./table.ts";
import { keyText, type Table } from "./table.ts";
import { elementsOf } from "./values.ts";

/** A COPY ended with an error that the client has not told. */
class CopyFailed extends Error {}

export interface Player {
  /** One connection, as a superuser. */
  sql: postgres.Sql;
  version: number;
  /** Called after each operation that was compared. */
  played(): void;
}

let tablesMade = 0;

export async function play(player: Player, shape: Shape, operations: Operation[]): Promise<void> {
  const table: Table = { name: `model.t${++tablesMade}`, shape };
  const rows = new Map(shape.before.map((draws, key) => [key, drawnRow(shape, draws)]));
  const state = newState(table, rows);
  const script = [definition.create(table, rows)];
  try {
    settle(table, state, await look(player.sql, table, script));
    for (const operation of operations) {
      for (const step of stepsOf(operation, table, state, player.version)) {
        await playStep(player, table, state, step, operation.rollBack, script);
      }
      player.played();
    }
  } catch (error) {
    throw new Error(`${script.join(";\n")};\n-- ${error instanceof Error ? error.message : error}`);
  } finally {
    await player.sql.unsafe(definition.drop(table));
  }
}

/** Nobody knows who wrote what stands there when a set becomes protected: no source holds it. */
function newState(table: Table, rows: Map<number, Row>): State {
  const { columns } = table.shape;
  const state: State = { columns, rows: new Map(), claims: new Map(), sets: new Map(), blocked: new Map() };
  for (const [key, row] of rows) {
    state.rows.set(keyText(table, key), row);
    for (const column of columns) {
      if (column.mode !== "merge_set" || elementsOf(row[column.name]!).size === 0) continue;
      touch(setCell(state, cellOf(column, keyText(table, key))), new Set());
    }
  }
  return state;
}

function drawnRow({ columns }: Shape, draws: number[]): Row {
  return Object.fromEntries(columns.map((column, place) => {
    const value = definition.valueOf(column, draws[place]! % 20, null);
    return [column.name, value ?? (column.notNull ? column.default : null)];
  }));
}

async function playStep(
  player: Player,
  table: Table,
  state: State,
  step: Step,
  rollBack: boolean,
  script: string[],
): Promise<void> {
  const before = structuredClone({ ...state, columns: [] });
  const refusals = refusalsOf(() => step.apply(state));
  if (refusals.length > 0 || rollBack) Object.assign(state, { ...before, columns: state.columns });
  const { failure, seen } = await act(player, table, step, rollBack, script);
  const outcome = refusals.length === 0 ? "succeed" : `fail with ${refusals.join(" or ")}`;
  assert.ok(
    failure === null
      ? refusals.length === 0
      : failure instanceof CopyFailed
      ? refusals.length > 0
      : refusals.includes(failure.code),
    `it was to ${outcome}; it ended with ${failure?.message ?? "success"}`,
  );
  settle(table, state, seen, step.forgets);
}

function refusalsOf(apply: () => void): string[] {
  try {
    apply();
    return [];
  } catch (error) {
    if (error instanceof Refused) return error.codes;
    throw error;
  }
}

/** How it ends, and what is to be seen then. */
async function act({ sql }: Player, table: Table, step: Step, rollBack: boolean, script: string[]) {
  const become = `set role ${step.by.role};\nset ownership.writer = '${step.by.pretends}'`;
  const leave = "reset role;\nreset ownership.writer";
  const isCopy = step.lines !== undefined;
  const begin = rollBack || isCopy ? `begin;\n${become}` : become;
  const end = rollBack ? `rollback;\n${leave}` : isCopy ? `commit;\n${leave}` : leave;
  script.push([begin, step.sql, ...step.lines ?? [], end].join(";\n"));
  let failure: postgres.PostgresError | CopyFailed | null = null;
  try {
    if (step.lines === undefined) return { failure, seen: await look(sql, table, [begin, step.sql, end]) };
    await sql.unsafe(begin);
    await copy(sql, step.sql, step.lines);
  } catch (error) {
    if (!(error instanceof postgres.PostgresError || error instanceof CopyFailed)) throw error;
    failure = error;
  }
  return { failure, seen: await look(sql, table, failure === null ? [end] : ["rollback", leave]) };
}

/** One round trip: the statements, then the look at the table. */
async function look(sql: postgres.Sql, table: Table, statements: string[]): Promise<Seen> {
  const results: unknown = await sql.unsafe([...statements, definition.look(table)].join(";\n"));
  return (results as { seen: Seen }[][]).at(-1)![0]!.seen;
}

/** Within a transaction: the client drops an error that comes after the last line, but the next statement tells. */
async function copy(sql: postgres.Sql, statement: string, lines: string[]): Promise<void> {
  const stream = await sql.unsafe(statement).writable();
  stream.on("error", () => {});
  stream.end(lines.map((line) => `${line}\n`).join(""));
  const code = await nextCode(sql);
  if (code === "25P02") throw new CopyFailed();
  assert.equal(code, null);
}

/** Asked while the last line is still under way, the client says so. */
async function nextCode(sql: postgres.Sql): Promise<string | null> {
  await nextTurn();
  const error = await sql.unsafe("select").then(() => null, (reason: { code: string }) => reason);
  return error?.code === "COPY_IN_PROGRESS" ? await nextCode(sql) : error?.code ?? null;
}

const nextTurn = () => new Promise((done) => setImmediate(done));
