// What a bulk statement costs in a fresh copy of a database.

import type { BenchDatabase, BenchServer } from "./database.ts";
import type { Cost, Rounds } from "./measure.ts";
import { timesOfServerProcess } from "./processes.ts";

export type Clock = () => number;

/** The statement over all rows of the source, or over those after `from` up to `to`. */
export type Statement = (to?: number, from?: number) => string;

/** Statements that together write all rows of the source. Each of them is timed as a round of its own. */
export interface Work {
  /** Runs first and is rolled back. */
  warmUp: string;
  timed: string[];
}

/** Writes all `rows` of the source in one statement, or in several that write `rowsAtOnce` each. */
export function workOf(statement: Statement, rows: number, rowsAtOnce = rows): Work {
  const parts = Math.ceil(rows / rowsAtOnce);
  const timed = parts === 1
    ? [statement()]
    : Array.from({ length: parts }, (_, part) => statement((part + 1) * rowsAtOnce, part * rowsAtOnce));
  return { warmUp: statement(1), timed };
}

/**
 * Costs of the same work in fresh copies of several templates, each of which takes part in so many rounds. The templates
 * take turns, so that a noisy moment meets all of them. Work in one statement is done in one copy after the other, so that
 * each has the server's memory to itself; with work in several small statements, the turn changes after each of them.
 */
export async function inTurn(
  server: BenchServer,
  templates: Record<string, { name: string; rounds: number }>,
  work: Work,
  clock: Clock,
): Promise<Rounds> {
  const costs: Rounds = Object.fromEntries(Object.keys(templates).map((variant) => [variant, []]));
  const parts = work.timed.length;
  const most = Math.max(...Object.values(templates).map(({ rounds }) => rounds));
  for (let round = 0; round < most; round += parts) {
    const takingPart = Object.keys(templates).filter((variant) => templates[variant]!.rounds > round);
    const groups = parts === 1 ? swapped(takingPart, round).map((variant) => [variant]) : [takingPart];
    for (const group of groups) {
      await using stack = new AsyncDisposableStack();
      const databases: Record<string, BenchDatabase> = {};
      for (const variant of group) {
        databases[variant] = stack.use(await server.copy(templates[variant]!.name));
        await warm(databases[variant], work);
      }
      for (const [part, statement] of work.timed.entries()) {
        for (const variant of swapped(group, part)) {
          if (round + part >= templates[variant]!.rounds) continue;
          costs[variant]!.push(await costOf(databases[variant]!, statement, clock));
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
async function warm({ person, sync }: BenchDatabase, { warmUp }: Work): Promise<void> {
  await person`
    select pg_prewarm(c.oid) from pg_class c
    where c.relkind in ('r', 'i') and c.relnamespace::regnamespace::text in ('bench', 'ownership_private')`;
  await sync.unsafe(`begin; ${warmUp}; rollback`).simple();
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
