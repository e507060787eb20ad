// What the CLI's linters and plpgsql_check find, less what is known to be no fault.

import type postgres from "postgres";
import { supabase } from "../checks/supabase-cli.ts";

interface Issue {
  level: string;
  message: string;
  detail?: string | null;
}

export const schemas = ["public", "sync", "shop", "pls", "ownership", "ownership_private"];

/** Findings that are no fault, and why. */
const harmless: [reason: string, is: (issue: Issue, place: string) => boolean][] = [
  [
    "what dynamic SQL returns is only known when it runs",
    ({ message }) => message === "cannot determinate a result of dynamic SQL",
  ],
  [
    "a literal is text to the checker, and becomes what is returned",
    ({ message, detail }) =>
      message === "target type is different type than source type" &&
      detail?.startsWith('cast "text" value') === true,
  ],
  [
    "generated guards are all alike",
    ({ message }, place) => /^unused variable/.test(message) && /^ownership_private\.guard_\d+\b/.test(place),
  ],
  ["no more than a matter of style", ({ level }) => level === "warning extra"],
];

function faults(place: string, issues: Issue[]): string[] {
  const left = issues.filter((issue) => !harmless.some(([, is]) => is(issue, place)));
  return left.map(({ level, message, detail }) => `${level} in ${place}: ${message} ${detail ?? ""}`);
}

/** `supabase db lint`: plpgsql_check as the CLI runs it. */
export async function lint(url: string, cwd: string): Promise<string[]> {
  const output = await supabase([
    "db",
    "lint",
    `--remote=${url}`,
    "--schema",
    schemas.join(","),
    "--fail-on",
    "error",
  ], cwd);
  const found = jsonIn<{ function: string; issues: Issue[] }[]>(output);
  return found.flatMap((one) => faults(one.function, one.issues));
}

/** Advice that is not taken, and why. */
const notTaken: Record<string, string> = {};

/** `supabase db advisors`, every level of it. */
export async function advise(url: string, cwd: string): Promise<string[]> {
  const output = await supabase(["db", "advisors", `--remote=${url}`, "--fail-on", "error"], cwd);
  const found = jsonIn<{ cache_key: string; detail: string }[]>(output);
  return found.filter(({ cache_key }) => !(cache_key in notTaken)).map(({ cache_key, detail }) =>
    `${cache_key}: ${detail}`
  );
}

function jsonIn<T>(output: string): T {
  const start = output.search(/^\[/m);
  return start < 0 ? [] as T : JSON.parse(output.slice(start));
}

/** plpgsql_check over every function, each trigger function with its tables and what they hand over. */
export async function checkFunctions(sql: postgres.Sql): Promise<{ functions: number; faults: string[] }> {
  await sql`create extension if not exists plpgsql_check with schema extensions`;
  const rows = await sql<{ place: string; issues: Issue[] }[]>`
    select format('%s.%s', f.pronamespace::regnamespace, f.proname) as place,
      coalesce(jsonb_agg(to_jsonb(c)) filter (where c.functionid is not null), '[]') as issues
    from pg_proc f
    left join pg_trigger t on t.tgfoid = f.oid and not t.tgisinternal
    left join lateral extensions.plpgsql_check_function_tb(f.oid, coalesce(t.tgrelid, 0), oldtable => t.tgoldtable,
      newtable => t.tgnewtable, fatal_errors => false, extra_warnings => false, performance_warnings => false) c
      on true
    where f.prolang = (select oid from pg_language where lanname = 'plpgsql')
      -- A trigger function is checked with its tables: one that is put on a table only for a while has none.
      and (f.prorettype <> 'trigger'::regtype or t.oid is not null)
      and f.pronamespace::regnamespace::text = any (${schemas})
    group by f.oid`;
  return { functions: rows.length, faults: rows.flatMap(({ place, issues }) => faults(place, issues)) };
}
