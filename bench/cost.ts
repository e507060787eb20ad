// What one statement costs in a fresh copy of a database.

import type { BenchDatabase, BenchServer } from "./database.ts";
import type { Cost, Rounds } from "./measure.ts";
import { timesOfServerProcess } from "./processes.ts";

export type Clock = () => number;

/** The statement over all rows of the source, or over those after `from` up to `to`. */
export type Statement = (to?: number, from?: number) => string;

/** Runs the statement as the sync in a fresh copy, with warm caches and after a checkpoint. */
export async function costOf(
  server: BenchServer,
  template: string,
  statement: Statement,
  clock: Clock,
): Promise<Cost> {
  await using database = await server.copy(template);
  await warmUp(database, statement);
  return await timed(database, statement(), clock);
}

/** Costs of the same statement in several templates, in turn, so that a noisy moment meets them all. */
export async function inTurn(
  server: BenchServer,
  templates: Record<string, string>,
  statement: Statement,
  rounds: number,
  clock: Clock,
): Promise<Rounds> {
  const costs: Rounds = Object.fromEntries(Object.keys(templates).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const names = Object.keys(templates);
    // The other way round every second time: neither is always the first after the other's disk writes.
    for (const name of round % 2 === 0 ? names : names.reverse()) {
      costs[name]!.push(await costOf(server, templates[name]!, statement, clock));
    }
  }
  return costs;
}

/** Pages into memory, plans and functions into the sessions; what the first row changes is rolled back. */
async function warmUp({ person, sync }: BenchDatabase, statement: Statement): Promise<void> {
  await person`
    select pg_prewarm(c.oid) from pg_class c
    where c.relkind in ('r', 'i') and c.relnamespace::regnamespace::text in ('bench', 'ownership_private')`;
  await sync.unsafe(`begin; ${statement(1)}; rollback`).simple();
  await person`checkpoint`;
}

export async function timed({ person, sync }: BenchDatabase, statement: string, clock: Clock): Promise<Cost> {
  const [row] = await sync`select pg_backend_pid() as pid`;
  const before = await timesOfServerProcess(person, row?.pid);
  const start = clock();
  await sync.unsafe(statement);
  const wall = clock() - start;
  const after = await timesOfServerProcess(person, row?.pid);
  return { wall, cpu: before === null || after === null ? null : after.ran - before.ran };
}
