// `npm run bench -- install`: how long an install over a full database takes, and how long readers and writers wait
// for it.

import { readFile } from "node:fs/promises";
import postgres from "postgres";
import { table } from "../cli/table.ts";
import { seconds } from "../cli/terminal.ts";
import { applyMigrations, applyPlatform } from "../local/migrations.ts";
import { type BenchServer, migrations } from "./database.ts";
import { outcome, printJson, whole } from "./report.ts";

export interface InstallOptions {
  json?: true;
  quick?: true;
}

interface Figure {
  name: string;
  /** Milliseconds. */
  value: number;
  /** Null where no limit is set. */
  limit: number | null;
  ok: boolean;
  /** Of the install: its slowest files. Of a wait: the statement that waited longest, and what was installed then. */
  where: string;
}

/** For a million timeline entries. In a smaller shop the time is shown and not judged. */
const installLimit = 120_000;
const readerLimit = 1_000;

/** Measures and prints. @returns whether every limit is kept */
export async function benchInstall(server: BenchServer, { json, quick }: InstallOptions): Promise<boolean> {
  const divisor = quick ? 10 : 1;
  const figures = await measure(server, divisor);
  if (json) figures.forEach(printJson);
  else console.log(`Postgres ${server.version}; ${rowsIn(divisor)}\n${asTable(figures)}`);
  if (quick && !json) {
    console.log("The install as a whole is judged without --quick: its limit is for the full shop.");
  }
  return figures.every(({ ok }) => ok);
}

const rowsIn = (divisor: number) =>
  `${whole(1_000_000 / divisor)} timeline entries, ${whole(255_000 / divisor)} other rows`;

async function measure(server: BenchServer, divisor: number): Promise<Figure[]> {
  const template = await server.template("older_shop", (person) => makeShop(person, divisor), "template0");
  await using database = await server.copy(template);
  const { person, url } = database;
  const stop = new AbortController();
  const at = { file: "the first file" };
  const readers = tables.map((name) => loop(url, `select * from ${name} limit 1`, at, stop.signal));
  const writers = tables.map((name) =>
    loop(
      url,
      `update ${name} set external_id = external_id where ctid = (select ctid from ${name} limit 1)`,
      at,
      stop.signal,
    )
  );
  const start = performance.now();
  const files = await install(person, at);
  const took = performance.now() - start;
  stop.abort();
  const reading = worst(await Promise.all(readers));
  const writing = worst(await Promise.all(writers));
  const slowest = files.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 3);
  const [health] = await person`select count(*)::integer as problems from ownership.health()`;
  const limit = divisor === 1 ? installLimit : null;
  return [
    {
      name: "the install",
      value: took,
      limit,
      ok: (limit === null || took <= limit) && health?.problems === 0,
      where: slowest.map(({ file, milliseconds }) => `${file} ${seconds(milliseconds)}`).join(", "),
    },
    { name: "longest wait of a reader", ...reading, limit: readerLimit, ok: reading.value <= readerLimit },
    { name: "longest wait of a writer", ...writing, limit: null, ok: true },
  ];
}

const tables = [
  "gazelle_clients",
  "gazelle_pianos",
  "gazelle_contacts",
  "gazelle_appointments",
  "gazelle_timeline_entries",
];

interface Wait {
  value: number;
  where: string;
}

/** Repeats a short statement on a connection of its own until the signal comes. @returns the longest time it took */
async function loop(
  databaseUrl: string,
  statement: string,
  at: { file: string },
  signal: AbortSignal,
): Promise<Wait> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(statement);
  let longest = { value: 0, where: "" };
  while (!signal.aborted) {
    const { file } = at;
    const start = performance.now();
    await sql.unsafe(statement);
    const value = performance.now() - start;
    if (value > longest.value) {
      longest = { value, where: `${statement.split(" ").slice(0, 4).join(" ")} … in ${file}` };
    }
    // On a small machine, leaves the processors to the install.
    await new Promise((done) => setTimeout(done, 5));
  }
  await sql.end({ timeout: 1 });
  return longest;
}

const worst = (waits: Wait[]) => waits.reduce((a, b) => b.value > a.value ? b : a);

async function install(person: postgres.Sql, at: { file: string }) {
  const files: { file: string; milliseconds: number }[] = [];
  let start = performance.now();
  await applyMigrations(person, migrations, (file) => {
    files.push({ file, milliseconds: performance.now() - start });
    start = performance.now();
    at.file = `the file after ${file}`;
  });
  return files;
}

async function makeShop(person: postgres.Sql, divisor: number): Promise<void> {
  await applyPlatform(person);
  await person.unsafe(`set bench.divisor = ${divisor}`);
  await person.unsafe(await readFile(new URL("older-shop.sql", import.meta.url), "utf8")).simple();
}

function asTable(figures: Figure[]): string {
  const rows = figures.map(({ name, value, limit, ok, where }) => [
    name,
    seconds(value),
    limit === null ? "" : seconds(limit),
    outcome(limit === null && ok ? null : ok),
    where,
  ]);
  return table(["Over a full database", "Time", "Limit", "", "Where"], rows);
}
