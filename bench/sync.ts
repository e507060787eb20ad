// Measures how many rows a second our sync and other ways to write the same records bring from Gazelle's answer to a
// committed row.

import { readFile } from "node:fs/promises";
import process from "node:process";
import type postgres from "postgres";
import type { Clock } from "./cost.ts";
import { type BenchServer, installAll } from "./database.ts";
import type { Cost } from "./measure.ts";
import { startPlatformOver } from "./platform.ts";
import { processorTime } from "./processes.ts";
import { type Contender, contenders, ours } from "./sync-contenders.ts";
import type { Version } from "./sync-records.ts";

export interface Size {
  /** Clients in the table. */
  rows: number;
  /** How often everything is measured, each time in a fresh database. */
  rounds: number;
}

/** What one contender did in one scenario. Arrays have one entry a round. */
export interface Work {
  scenario: string;
  contender: string;
  rows: number;
  /** Fewer than `rows` where a contender is too slow for all. */
  written: number;
  /** Their processor time is that of all processes that take part: this one, API and database server. */
  costs: Cost[];
  /** Processor time of this process alone, in milliseconds: of the function, without API and database server. */
  ownCpu: number[];
  /** Bytes of WAL. */
  wal: number[];
  /** Rows that have a new version afterwards. */
  rewritten: number[];
}

interface Scenario {
  name: string;
  versionOf: (index: number) => Version;
  /** An earlier run of our sync has compared these very records, and remembers them as unchanged. */
  isKnown?: true;
}

const scenarios: Scenario[] = [
  { name: "first load", versionOf: () => "loaded" },
  { name: "nothing changed", versionOf: () => "loaded", isKnown: true },
  { name: "1 % changed", versionOf: (index) => index % 100 === 0 ? "edited" : "loaded" },
  { name: "everything changed", versionOf: () => "changed" },
  { name: "blanks everywhere", versionOf: () => "blank" },
];

/** Makes a template with the whole project and the tables of the other contenders. @returns its name */
export function prepareServer(server: BenchServer): Promise<string> {
  return server.template("sync", async (person) => {
    await installAll(person);
    await person.unsafe(await readFile(new URL("sync-peers.sql", import.meta.url), "utf8")).simple();
  }, "template0");
}

/** Measures each contender in each scenario with a table of one size. */
export async function measureSize(
  server: BenchServer,
  template: string,
  { rows, rounds }: Size,
  clock: Clock,
): Promise<Work[]> {
  const found: Work[][] = [];
  for (let round = 0; round < rounds; round++) found.push(await measureRound(server, template, rows, clock));
  return found[0]!.map((work, place) => ({
    ...work,
    costs: found.flatMap((works) => works[place]!.costs),
    ownCpu: found.flatMap((works) => works[place]!.ownCpu),
    wal: found.flatMap((works) => works[place]!.wal),
    rewritten: found.flatMap((works) => works[place]!.rewritten),
  }));
}

async function measureRound(
  server: BenchServer,
  template: string,
  rows: number,
  clock: Clock,
): Promise<Work[]> {
  await using stack = new AsyncDisposableStack();
  const { person: sql, url } = stack.use(await server.copy(template));
  const platform = await startPlatformOver(url, stack);
  const { all } = stack.use(contenders(platform, sql));
  for (const contender of all) await warmUp(contender, sql);

  const works: Work[] = [];
  for (const scenario of scenarios) {
    for (const contender of all) works.push(await measure(contender, scenario, rows, sql, clock));
  }
  return works;
}

/** Lets sessions plan their statements and Deno compile its code. What is written is removed again. */
async function warmUp({ table, most, write }: Contender, sql: postgres.Sql): Promise<void> {
  const rows = Math.min(most, 2000);
  for (let time = 0; time < 2; time++) await write(rows, () => "loaded");
  await sql.unsafe(`truncate ${table}`);
}

async function measure(
  contender: Contender,
  scenario: Scenario,
  rows: number,
  sql: postgres.Sql,
  clock: Clock,
): Promise<Work> {
  const written = Math.min(rows, contender.most);
  if (scenario.isKnown && contender.name === ours) await contender.write(written, scenario.versionOf);
  await sql.unsafe(`vacuum analyze ${contender.table}`);
  await sql`checkpoint`;
  const before = await state(sql);
  const cpuBefore = await processorTime();
  const ownBefore = process.cpuUsage();
  const start = clock();
  await contender.write(written, scenario.versionOf);
  const wall = clock() - start;
  const own = process.cpuUsage(ownBefore);
  const cpuAfter = await processorTime();
  const after = await state(sql);
  const touched = await sql.unsafe(
    `select count(*)::integer as rows from ${contender.table} where xmin::text::bigint >= $1`,
    [before.xid],
  );
  return {
    scenario: scenario.name,
    contender: contender.name,
    rows,
    written,
    costs: [{ wall, cpu: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore }],
    ownCpu: [(own.user + own.system) / 1000],
    wal: [after.wal - before.wal],
    rewritten: [touched[0]!.rows],
  };
}

async function state(sql: postgres.Sql): Promise<{ wal: number; xid: number }> {
  const [row] = await sql`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as wal,
      pg_current_xact_id()::text::float8 as xid`;
  return { wal: row!.wal, xid: row!.xid };
}
