// Judges the facts that `etiquette doctor` gets from the database: one check for each, with the next step if it is
// wrong.

import type { Weakness } from "./commands/health.ts";
import { push, supabase } from "./supabase.ts";

export interface Check {
  name: string;
  /** `unknown` if it cannot be told from here, or if it is about something that is not installed. */
  state: "ok" | "wrong" | "unknown";
  found: string;
  /** The command to type next if something is wrong. */
  next?: string;
}

/** The answer of public.shop_doctor. */
export interface Facts {
  migrations: string[] | null;
  roles: Mended[];
  grants: Mended[];
  /** On tables that were taken over, as the application before granted them. */
  kept_grants: { tbl: string; grantee: string; privileges: string }[];
  /** Of an application, on columns that Gazelle fills. */
  constraints: { tbl: string; name: string; definition: string }[];
  writers: {
    /** Functions and cron jobs that are not ours and write to the streams' tables. */
    code: string[];
    /** Cells that kept a value of service_role out in a week. */
    kept: number;
    example: string | null;
    backend_writes: boolean;
  };
  health: Weakness[];
  token: {
    way: string | null;
    is_connected: boolean;
    is_renewable?: boolean;
    expires_at?: string | null;
    error?: { message: string } | null;
  };
  schedule: { job: string; schedule: string; active: boolean }[] | null;
  missing_secrets: string[];
  streams: LastRun[];
  alerts: { stream: string | null; kind: string; message: string; hint: string | null }[];
}

interface Mended {
  problem: string;
  remedy: string;
}

interface LastRun {
  stream: string;
  is_enabled: boolean;
  run_id: number | null;
  status: string | null;
  error: { message: string } | null;
  /** Since it began. */
  hours: number | null;
  /** How many of its last calls brought it no further. */
  idle_slices: number | null;
}

export const ok = (name: string, found: string): Check => ({ name, state: "ok", found });
export const unknown = (name: string, found: string): Check => ({ name, state: "unknown", found });
export const wrong = (name: string, found: string, next: string): Check => ({
  name,
  state: "wrong",
  found,
  next,
});

/** @param files names of the project's migrations @param now milliseconds */
export function checkFacts(facts: Facts, files: string[], now: number): Check[] {
  return [
    checkMigrations(facts.migrations, files),
    checkMended("roles", facts.roles),
    checkMended("grants", facts.grants),
    ...checkKeptGrants(facts.kept_grants),
    ...checkConstraints(facts.constraints),
    ...checkWriters(facts.writers),
    checkHealth(facts.health),
    checkToken(facts, now),
    ...checkSchedule(facts),
    ...facts.streams.map(checkStream),
    checkAlerts(facts.alerts),
  ];
}

export function checkMigrations(applied: string[] | null, files: string[]): Check {
  const name = "migrations";
  if (applied === null) {
    return wrong(
      name,
      "it is not on record which were applied",
      `${supabase} migration list --remote, then: ${push}`,
    );
  }
  const versionOf = (file: string) => file.split("_")[0]!;
  const missing = files.filter((file) => !applied.includes(versionOf(file)));
  const known = new Set(files.map(versionOf));
  const last = files.at(-1);
  const newer = applied.filter((version) =>
    !known.has(version) && last !== undefined && version > versionOf(last)
  );
  if (missing.length > 0) {
    return wrong(name, `${missing.length} of ${files.length} are not applied, first ${missing[0]}`, push);
  }
  if (newer.length > 0) {
    return wrong(
      name,
      `the database has ${newer.length} that this folder has not, last ${newer.at(-1)}`,
      "git pull",
    );
  }
  return ok(name, `all ${files.length} are applied`);
}

function checkMended(name: string, [first, ...others]: Mended[]): Check {
  if (first === undefined) return ok(name, "as the migrations made them");
  return wrong(name, `${first.problem}${more(others.length)}`, first.remedy);
}

/** Theirs to judge, so neither well nor wrong. */
function checkKeptGrants(kept: Facts["kept_grants"]): Check[] {
  const tables = Map.groupBy(kept, ({ tbl }) => tbl);
  return [...tables].map(([tbl, grants]) => {
    const told = grants.map(({ grantee, privileges }) => `${grantee} may ${privileges}`).join("; ");
    return unknown(
      `grants on ${tbl}`,
      `as before the install, ${told}: revoke what your application does not need`,
    );
  });
}

function checkConstraints(constraints: Facts["constraints"]): Check[] {
  const tables = Map.groupBy(constraints, ({ tbl }) => tbl);
  return [...tables].map(([tbl, strict]) => {
    const told = strict.map(({ name, definition }) => `${name} ${definition}`).join("; ");
    return unknown(
      `constraints on ${tbl}`,
      `a record of Gazelle's that one of these refuses is not stored: ${told}`,
    );
  });
}

/** What only the people of an application can answer. Roles that write and that nobody registered are told by health. */
function checkWriters({ code, kept, example, backend_writes }: Facts["writers"]): Check[] {
  const checks: Check[] = [];
  if (code.length > 0) {
    checks.push(
      unknown("other writers", `${code.join(", ")}: as which role? See docs/install.md, "Ask first"`),
    );
  }
  if (kept > 0) {
    const backend = backend_writes ? "" : ", and nobody has written as app_backend";
    checks.push(
      unknown(
        "people's edits",
        `${kept} cells kept out what a program wrote in a week, last ${example}${backend}: ` +
          'do people edit through a back end? See docs/ownership.md, "People behind a back end"',
      ),
    );
  }
  return checks;
}

function checkHealth([first, ...others]: Weakness[]): Check {
  if (first === undefined) return ok("protection", "every trigger, function and policy is in place");
  return wrong("protection", `${first.problem}: ${first.object}${more(others.length)}`, "etiquette health");
}

const more = (others: number) => others > 0 ? `, and ${others} more` : "";

const twoWeeks = 14 * 24 * 3_600_000;

function checkToken({ token, streams }: Facts, now: number): Check {
  const name = "Gazelle";
  const again = `etiquette connect, or new GAZELLE_* credentials: ${supabase} secrets set --env-file .env`;
  const { way, is_connected, is_renewable, expires_at, error } = token;
  if (error) return wrong(name, error.message, again);
  if (way === null) {
    const isRead = streams.some(({ status }) => status === "complete" || status === "degraded");
    return isRead
      ? ok(name, "was read with an API key")
      : unknown(name, "was not called yet: etiquette sync");
  }
  if (!is_connected) return wrong(name, "no token, and none can be got", again);
  if (!expires_at) return ok(name, `connected (${way})`);
  const left = Date.parse(expires_at) - now;
  const days = Math.floor(left / 86_400_000);
  if (left < twoWeeks && !is_renewable) {
    return wrong(name, left < 0 ? "the token has expired" : `the token expires in ${days} days`, again);
  }
  return ok(
    name,
    `connected (${way}), until ${expires_at.slice(0, 10)}${is_renewable ? ", renewed by itself" : ""}`,
  );
}

function checkSchedule({ schedule, missing_secrets }: Facts): Check[] {
  const name = "schedule";
  const secrets = missing_secrets.length === 0
    ? ok("secrets in Vault", "project_url and cron_secret_key are there")
    : wrong(
      "secrets in Vault",
      `${missing_secrets.join(" and ")} missing: nothing can run on schedule`,
      `select vault.create_secret('…', '${missing_secrets[0]}');`,
    );
  if (schedule === null) return [secrets, unknown(name, "not installed")];
  const off = schedule.filter(({ active }) => !active).map(({ job }) => job);
  if (off.length === schedule.length) {
    return [secrets, wrong(name, "no job is active", "etiquette schedule all on")];
  }
  // A single job that is off was taken off on purpose. A stream that has not run is reported below.
  const rest = off.length === 0 ? "" : `, and off: ${off.join(", ")}`;
  return [secrets, ok(name, `${schedule.length - off.length} jobs are active${rest}`)];
}

/** Hours within which a stream must have run: a day, and some to spare. */
const recent = 26;

/** Calls after which a run is said to make no progress. The database fails it after some more. */
const idle = 5;

function checkStream({ stream, is_enabled, run_id, status, error, hours, idle_slices }: LastRun): Check {
  const name = `last run of ${stream}`;
  if (!is_enabled) {
    const on = `update sync.streams set is_enabled = true where stream = '${stream}';`;
    return wrong(name, "the stream is switched off", on);
  }
  if (run_id === null) return wrong(name, "there was none", `etiquette sync ${stream}`);
  const found = `run ${run_id}, ${hours} h ago, is ${status}`;
  if (status === "running" || status === "paused") {
    const end = `etiquette run end ${run_id}`;
    if (idle_slices! >= idle) return wrong(name, `${found}, without progress in ${idle_slices} calls`, end);
    return hours! > recent ? wrong(name, found, `etiquette sync ${stream}, or ${end}`) : ok(name, found);
  }
  if (status !== "complete") {
    return wrong(name, `${found}${error ? `: ${error.message}` : ""}`, `etiquette run ${run_id}`);
  }
  return hours! > recent ? wrong(name, found, `etiquette sync ${stream}`) : ok(name, found);
}

function checkAlerts([first, ...others]: Facts["alerts"]): Check {
  if (first === undefined) return ok("alerts", "none is open");
  const next = first.hint ?? "docs/operations.md says what each alarm means";
  return wrong("alerts", `${first.kind}: ${first.message}${more(others.length)}`, next);
}
