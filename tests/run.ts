// `npm test [-- words]`: one Postgres, one template database, every test file that the words choose.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { applyMigrations, applyPlatform } from "../local/migrations.ts";
import { startPostgres, throwaway } from "../local/postgres.ts";
import { textOf } from "../supabase/functions/_shared/problem.ts";
import { makeDataFolder } from "./fixtures/data-folder.ts";
import { withDatabase } from "./fixtures/database.ts";
import { countTests } from "./fixtures/junit.ts";
import { chooseTests, laneOf, lanes } from "./fixtures/lanes.ts";
import { loadPgtap } from "./fixtures/pgtap.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const interrupted = 130;

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  console.error(textOf(error));
  return 1;
});

async function main(words: string[]): Promise<number> {
  const files = chooseFiles(words);
  if (files.length === 0) {
    console.log(
      `No test is chosen by ${words.join(" or ")}; a lane (${lanes.join(", ")}) is chosen by its name.`,
    );
    console.log("0 passed, 0 failed");
    return 1;
  }
  const folder = await mkdtemp(`${tmpdir()}/etiquette-test-`);
  const data = await makeDataFolder();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(signal));
  const given = process.env["TEST_POSTGRES_URL"];
  let server = { url: given ?? "", stop: () => Promise.resolve() };
  try {
    if (given === undefined) server = await ownServer(data);
    return await runAgainst(server.url, files, folder, stop.signal);
  } finally {
    await server.stop();
    for (const place of [folder, data]) await rm(place, { recursive: true, force: true });
  }
}

function ownServer(folder: string) {
  return startPostgres({
    dataDir: `${folder}/data`,
    port: 0,
    settings: { ...throwaway, wal_level: "logical" },
  });
}

function chooseFiles(words: string[]): string[] {
  const inside = readdirSync(`${root}/tests`, { recursive: true, encoding: "utf8" });
  return chooseTests(inside.map((path) => `tests/${path}`), words);
}

async function runAgainst(
  url: string,
  files: string[],
  folder: string,
  signal: AbortSignal,
) {
  const template = `template_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  try {
    // Tests start platforms on copies of the template: a file that is edited meanwhile must not reach them.
    const migrations = `${folder}/migrations`;
    await cp(`${root}/supabase/migrations`, migrations, { recursive: true });
    await buildTemplate(url, template, migrations);
    const temporary = `${folder}/tmp`;
    await mkdir(temporary);
    const report = `${folder}/junit.xml`;
    const pgtap = files.filter((file) => file.endsWith(".sql"));
    const modules = files.filter((file) => !pgtap.includes(file));
    const halves = ["first", "second"].map((half) => `tests/fixtures/pgtap-${half}-half.ts`);
    modules.unshift(...halves.slice(0, pgtap.length));
    const variables = {
      TEST_POSTGRES_URL: url,
      TEST_TEMPLATE_DATABASE: template,
      TEST_MIGRATIONS: migrations,
      TEST_PGTAP_FILES: pgtap.join(" "),
      // What a test that is broken off leaves lying there goes away with ours.
      TMPDIR: temporary,
      NO_COLOR: process.stdout.isTTY ? undefined : "1",
    };
    // What a file prints beside others appears when it is done; what takes hours shows its progress.
    const isSoak = files.every((file) => laneOf(file) === "soak");
    const flags = [`--junit-path=${report}`, ...(isSoak ? [] : ["--parallel", "--quiet"])];
    const code = await denoTest([...flags, ...modules], variables, signal);
    if (code === interrupted) return interrupted;
    const { passed, failed } = countTests(await readFile(report, "utf8").catch(() => ""), code);
    console.log(`${passed} passed, ${failed} failed`);
    return failed > 0 ? 1 : code;
  } finally {
    await execute(url, `drop database if exists ${template} with (force)`);
  }
}

/** The database that every test's own is a copy of. */
async function buildTemplate(url: string, template: string, migrations: string): Promise<void> {
  await execute(url, `create database ${template} template template0`);
  const sql = postgres(withDatabase(url, template), { max: 1, onnotice: () => {} });
  try {
    await applyPlatform(sql);
    await applyMigrations(sql, migrations);
    await loadPgtap(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.unsafe(statement).finally(() => sql.end({ timeout: 5 }));
}

function denoTest(
  args: string[],
  variables: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<number> {
  if (signal.aborted) return Promise.resolve(interrupted);
  const fixed = ["test", "--allow-all", "--no-check"];
  const child: ChildProcess = spawn(Deno.execPath(), [...fixed, ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...variables },
  });
  signal.addEventListener("abort", () => child.kill("SIGTERM"));
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => done(signal.aborted ? interrupted : code ?? 1));
  });
}
