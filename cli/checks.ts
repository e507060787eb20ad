// Judges the facts that `etiquette doctor` gets from the database: one check for each, with the next step if it is
// wrong.

import { push, supabase } from "./supabase.ts";
import { type Finding, isWrong, type Status } from "./status.ts";

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
  status: Status;
  /** Where the schedule calls the functions; null if Vault cannot be read, or has none. */
  project_url: string | null;
}

interface Mended {
  problem: string;
  remedy: string;
}

export const ok = (name: string, found: string): Check => ({ name, state: "ok", found });
export const unknown = (name: string, found: string): Check => ({ name, state: "unknown", found });
export const wrong = (name: string, found: string, next: string): Check => ({
  name,
  state: "wrong",
  found,
  next,
});

/** @param files names of the project's migrations @param url by which the project is reached, if by one */
export function checkFacts(facts: Facts, files: string[], url: string | null): Check[] {
  return [
    checkMigrations(facts.migrations, files),
    checkMended("roles", facts.roles),
    checkMended("grants", facts.grants),
    ...checkKeptGrants(facts.kept_grants),
    ...checkConstraints(facts.constraints),
    ...checkWriters(facts.writers),
    ...checkProjectUrl(facts.project_url, url),
    ...checkStatus(facts.status),
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

const more = (others: number) => others > 0 ? `, and ${others} more` : "";

/** The two may be names of one project, which only people know. */
function checkProjectUrl(scheduled: string | null, url: string | null): Check[] {
  if (scheduled === null || url === null || originOf(scheduled) === originOf(url)) return [];
  return [unknown(
    "project_url in Vault",
    `the schedule calls ${originOf(scheduled)}, and this is ${originOf(url)}: is that another project?`,
  )];
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

/** One check for each finding, in the order in which the looks are taken, and the state that they make. */
function checkStatus({ state, findings, well }: Status): Check[] {
  const checks = [...findings, ...well].map(checkOf);
  return [...checks, state === "well" ? ok("state", state) : wrong("state", state, "etiquette verify")];
}

function checkOf({ name, state, message, hint }: Finding): Check {
  if (state === "well") return ok(name, message);
  if (!isWrong(state)) return { ...unknown(name, message), ...(hint ? { next: hint } : {}) };
  return wrong(name, `${state}: ${message}`, hint ?? "");
}
