// `etiquette doctor`: checks a project from the outside in, and says for each fault which command to type next.

import { readdir } from "node:fs/promises";
import type { Command } from "commander";
import { isProblem } from "../../supabase/functions/_shared/problem.ts";
import type { Check, Facts } from "../checks.ts";
import { checkFacts, checkMigrations, ok, unknown, wrong } from "../checks.ts";
import { json, project } from "../options.ts";
import type { Api } from "../calls.ts";
import { openApi, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";
import { push, supabase } from "../supabase.ts";
import { oneLine } from "../terminal.ts";

export function define(command: Command): void {
  project(command)
    .description("check a project, and say what to do; exit code 1 when something is wrong")
    .addOption(json("one object a check and line: name, state (ok, wrong, unknown), found, next"))
    .action((options) => run(options, (signal) => doctor(options, signal), { text, isBad }));
}

/** Milliseconds after which a project that does not answer counts as unreachable. */
const patience = 4_000;

export async function doctor(given: ProjectOptions, signal: AbortSignal): Promise<Check[]> {
  const options = { ...given, patience };
  const byUrl = options.url !== undefined;
  const byDatabase = options.database !== undefined;
  const isLocal = !byUrl && !byDatabase;
  const [outside, inside]: [Looked, Looked] = await Promise.all([
    byUrl || isLocal
      ? checkApi(options, signal)
      : { checks: [unknown("project", "no URL is given")], facts: null },
    byDatabase || isLocal ? checkDatabase(options, signal) : { checks: [], facts: null },
  ]);
  const facts = inside.facts ?? outside.facts;
  const rest = facts === null ? [] : checkFacts(facts, await migrationFiles(), outside.url ?? null);
  // If no local platform runs, both find the same, which is said once.
  const said = new Set(outside.checks.map(({ found }) => found));
  return [...outside.checks, ...inside.checks.filter(({ found }) => !said.has(found)), ...rest];
}

interface Looked {
  checks: Check[];
  /** Null if the database could not be asked. */
  facts: Facts | null;
  /** By which it was reached, if by one. */
  url?: string;
}

/** Checks the URL, then the key, then the functions; each only if the one before is right. */
async function checkApi(options: ProjectOptions, signal: AbortSignal): Promise<Looked> {
  try {
    const api = await openApi(options);
    const facts = await api.call<Facts>("shop_doctor").catch(orNotInstalled);
    const reached = [ok("project", `${api.url} answers`), ok("secret key", "is one, and is accepted")];
    const missing = facts === null ? [notInstalled()] : [];
    return { checks: [...reached, await checkFunctions(api, signal), ...missing], facts, url: api.url };
  } catch (error) {
    if (!isProblem(error)) throw error;
    const isKey = /key/.test(error.code);
    const reached = error.code === "key_refused" ? [ok("project", "answers")] : [];
    return { checks: [...reached, asCheck(isKey ? "secret key" : "project", error)], facts: null };
  }
}

/** Options that no function has, so that each refuses them before it begins anything. */
const probe = JSON.stringify({ doctor: true });

async function checkFunctions(api: Api, signal: AbortSignal): Promise<Check> {
  const names = await functionNames();
  const looked = await Promise.all(names.map(async (name) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const answer = await api.invoke(name, probe, limit).catch((error) =>
      isProblem(error) ? error : Promise.reject(error)
    );
    return { name, answer };
  }));
  const missing = looked.filter(({ answer }) => isProblem(answer) && answer.code === "no_function");
  if (missing.length > 0) {
    const list = missing.map(({ name }) => name).join(" ");
    return wrong("functions", `not deployed: ${list}`, `${supabase} functions deploy ${list}`);
  }
  for (const { name, answer } of looked) {
    if (isProblem(answer)) return asCheck("functions", answer);
    if (answer.status !== 400) {
      return wrong("functions", `${name} answers ${answer.status}`, `${supabase} functions deploy ${name}`);
    }
  }
  return ok("functions", `all ${names.length} are deployed, and take the key`);
}

async function functionNames(): Promise<string[]> {
  const entries = await readdir(new URL("../../supabase/functions/", import.meta.url), {
    withFileTypes: true,
  });
  return entries.filter((one) => one.isDirectory() && !one.name.startsWith("_")).map(({ name }) => name)
    .sort();
}

async function checkDatabase(options: ProjectOptions, signal: AbortSignal): Promise<Looked> {
  const { callBySql, withDatabase } = await import("../database.ts");
  try {
    return await withDatabase(options, signal, async (sql) => {
      const [{ place }] = await sql<[{ place: string }]>`
        select current_database() || ' answers, as ' || current_user as place`;
      const facts = await callBySql(sql)<Facts>("shop_doctor").catch((error) =>
        error.code === "42883" ? null : Promise.reject(error)
      );
      const reached = ok("database", place);
      if (facts !== null) return { checks: [reached], facts };
      const [{ known }] = await sql<[{ known: boolean }]>`
        select to_regclass('supabase_migrations.schema_migrations') is not null as known`;
      const applied = known
        ? (await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`)
          .map(({ version }) => version)
        : [];
      return { checks: [reached, checkMigrations(applied, await migrationFiles())], facts: null };
    });
  } catch (error) {
    if (!isProblem(error)) throw error;
    return { checks: [asCheck("database", error)], facts: null };
  }
}

function orNotInstalled(error: unknown): null {
  if (isProblem(error) && error.code === "not_installed") return null;
  throw error;
}

function notInstalled(): Check {
  return wrong("migrations", "those of this command line are not all applied", push);
}

function asCheck(
  name: string,
  { message, details, hint }: { message: string; details: string | null; hint: string | null },
): Check {
  return wrong(name, details ? `${message} ${details}` : message, hint ?? "");
}

async function migrationFiles(): Promise<string[]> {
  const names = await readdir(new URL("../../supabase/migrations/", import.meta.url));
  return names.filter((name) => name.endsWith(".sql")).sort();
}

const signs = { ok: "ok", wrong: "✖", unknown: "?" };

function text(checks: Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const wrong = checks.filter(({ state }) => state === "wrong").length;
  return [
    ...checks.flatMap(({ name, state, found, next }) => [
      oneLine(`${signs[state].padEnd(2)} ${name.padEnd(width)}  ${found}`),
      ...(next ? [oneLine(`   ${"".padEnd(width)}  ${next}`)] : []),
    ]),
    wrong === 0 ? "All is well." : `${wrong} of ${checks.length} are wrong.`,
  ].join("\n");
}

function isBad(checks: Check[]): boolean {
  return checks.some(({ state }) => state === "wrong");
}
