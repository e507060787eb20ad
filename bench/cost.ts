// What a bulk statement costs in a fresh copy of a database.

import type { BenchDatabase, BenchServer } from "./database.ts";
import type { Cost, Rounds } from "./measure.ts";
import { timesOfServerProcess } from "./processes.ts";

export type Clock = () => number;

/** A statement over all rows of bench.incoming, or over those for which an SQL condition holds. */
export type Statement = (condition?: string) => string;

/** Rows of a table, and how they are written. */
export interface Size {
  rows: number;
  /** How many rows one statement writes; by default all. */
  rowsAtOnce?: number;
  /** How many statements are timed in each variant. */
  rounds: number;
}

/** The statements that write each row of a table once. */
function parts(statement: Statement, { rows, rowsAtOnce = rows }: Size): string[] {
  const count = Math.ceil(rows / rowsAtOnce);
  if (count === 1) return [statement()];
  const condition = (part: number) => `n > ${part * rowsAtOnce} and n <= ${(part + 1) * rowsAtOnce}`;
  return Array.from({ length: count }, (_, part) => statement(condition(part)));
}

/**
 * Costs of the same statement in fresh copies of several templates. `roundsOf` says which of them take part in fewer rounds.
 * The templates take turns, so that a noisy moment meets all of them. Where one statement writes all rows, there is one
 * copy at a time, so that each has the server's memory to itself; else the turn changes after each statement.
 */
export async function inTurn(
  server: BenchServer,
  templates: Record<string, string>,
  statement: Statement,
  size: Size,
  clock: Clock,
  roundsOf: (variant: string) => number = () => size.rounds,
): Promise<Rounds> {
  const costs: Rounds = Object.fromEntries(Object.keys(templates).map((variant) => [variant, []]));
  const timed = parts(statement, size);
  for (let round = 0; round < size.rounds; round += timed.length) {
    const measured = Object.keys(templates).filter((variant) => roundsOf(variant) > round);
    const groups = timed.length === 1 ? swapped(measured, round).map((variant) => [variant]) : [measured];
    for (const group of groups) {
      await using stack = new AsyncDisposableStack();
      const databases: Record<string, BenchDatabase> = {};
      for (const variant of group) {
        databases[variant] = stack.use(await server.copy(templates[variant]!));
        await warm(databases[variant], statement);
      }
      for (const [part, text] of timed.entries()) {
        for (const variant of swapped(group, part)) {
          if (round + part >= roundsOf(variant)) continue;
          costs[variant]!.push(await costOf(databases[variant]!, text, clock));
        }
      }
    }
  }
  return costs;
}

/** In reverse order every second time, so that no variant always comes first after another's disk writes. */
function swapped(variants: string[], time: number): string[] {
  return time % 2 === 0 ? variants : variants.toReversed();
}

/** Reads tables and indexes into memory, lets the session plan and compile, and makes a checkpoint. */
async function warm({ person, sync }: BenchDatabase, statement: Statement): Promise<void> {
  await person`
    select pg_prewarm(c.oid) from pg_class c
    where c.relkind in ('r', 'i') and c.relnamespace::regnamespace::text in ('bench', 'ownership_private')`;
  await sync.unsafe(`begin; ${statement("n = 1")}; rollback`).simple();
  await person`checkpoint`;
}

/** Runs the statement as the sync. */
async function costOf({ person, sync }: BenchDatabase, statement: string, clock: Clock): Promise<Cost> {
  const [row] = await sync`select pg_backend_pid() as pid`;
  const before = await timesOfServerProcess(person, row?.pid);
  const start = clock();
  await sync.unsafe(statement);
  const wall = clock() - start;
  const after = await timesOfServerProcess(person, row?.pid);
  return { wall, cpu: before === null || after === null ? null : after.ran - before.ran };
}
