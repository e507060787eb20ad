// `npm run bench -- install`: how long an install over a full database takes, and how long it lets others wait.

import { readFile } from "node:fs/promises";
import postgres from "postgres";
import { seconds, table } from "../cli/terminal.ts";
import { applyMigrations, applyPlatform } from "../local/migrations.ts";
import { type BenchServer, migrations } from "./database.ts";
import { outcome, printJson } from "./report.ts";

interface Figure {
  name: string;
  /** Milliseconds. */
  value: number;
  /** Null where nothing is asked. */
  limit: number | null;
  ok: boolean;
  /** Where the longest wait was: the file that ran, or the slowest files. */
  where: string;
}

const wholeLimit = 120_000;
const readerLimit = 1_000;

/** Measures and prints; whether every limit is kept. */
export async function benchInstall(server: BenchServer, { json }: { json?: true }): Promise<boolean> {
  const figures = await measure(server);
  if (json) figures.forEach(printJson);
  else {console.log(
      `Postgres ${server.version}; 1,000,000 timeline entries, 255,000 other rows\n${asTable(figures)}`,
    );}
  return figures.every(({ ok }) => ok);
}

async function measure(server: BenchServer): Promise<Figure[]> {
  await using database = await server.copy(await server.template("older_shop", makeShop, "template0"));
  const { person, url } = database;
  const stop = new AbortController();
  const at = { file: "" };
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
  const whole = performance.now() - start;
  stop.abort();
  const reading = worst(await Promise.all(readers));
  const writing = worst(await Promise.all(writers));
  const slowest = files.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 3);
  const [health] = await person`select count(*)::integer as problems from ownership.health()`;
  return [
    {
      name: "the install",
      value: whole,
      limit: wholeLimit,
      ok: whole <= wholeLimit && health?.problems === 0,
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

/** Runs one short statement after the other on a connection of its own, and tells the longest. */
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
    // Room for the install on a small machine.
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

async function makeShop(person: postgres.Sql): Promise<void> {
  await applyPlatform(person);
  await person.unsafe(await readFile(new URL("older-shop.sql", import.meta.url), "utf8")).simple();
}

function asTable(figures: Figure[]): string {
  const rows = figures.map(({ name, value, limit, ok, where }) => [
    name,
    seconds(value),
    limit === null ? "" : seconds(limit),
    outcome(limit === null ? null : ok),
    where,
  ]);
  return table(["Over a full database", "Time", "Limit", "", "Where"], rows);
}
