// Who may do what, by trying it: every relation and function of the project's schemas, as each kind of caller.

import type postgres from "postgres";
import type { TestDatabase } from "../fixtures/database.ts";

export const callers = { anon: "Visitor", authenticated: "Signed-in user", service_role: "Program" } as const;
export type Caller = keyof typeof callers;

export interface Access {
  schema: string;
  /** The relation's name, or the function with its argument types. */
  name: string;
  kind: "relation" | "function";
  may: Record<Caller, string>;
}

/** The project's schemas, in the order of the document; those that are not there are left out. */
export const schemas = ["public", "ownership", "sync", "gazelle", "shop", "pls"];

export const claims = { sub: "1b4e28ba-2fa1-41d2-883f-0016d3cca427", role: "authenticated" };

/** Tries everything as everybody, and leaves nothing behind. */
export async function tryAccess(database: TestDatabase): Promise<Access[]> {
  const subjects = [...await relations(database.sql), ...await functions(database.sql)];
  const found = subjects.map(({ schema, name, kind }): Access => ({
    schema,
    name,
    kind,
    may: { anon: "", authenticated: "", service_role: "" },
  }));
  for (const caller of Object.keys(callers) as Caller[]) {
    const sql = database.connectAs(caller);
    await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, false)`;
    for (const [at, subject] of subjects.entries()) {
      found[at]!.may[caller] =
        await (subject.kind === "relation" ? tryRelation(sql, subject) : tryCall(sql, subject));
    }
  }
  return found;
}

type Subject =
  & { schema: string; name: string }
  & ({ kind: "relation"; columns: string[] } | { kind: "function"; call: string });

async function relations(sql: postgres.Sql): Promise<Subject[]> {
  return await sql<Subject[]>`
    select n.nspname as schema, c.relname as name, 'relation' as kind,
      array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname = any (${schemas}) and c.relkind in ('r', 'p', 'v', 'm')
      and not c.relispartition
    group by 1, 2 order by 1, 2`;
}

async function functions(sql: postgres.Sql): Promise<Subject[]> {
  return await sql<Subject[]>`
    select n.nspname as schema, format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as name,
      'function' as kind,
      format('%I.%I(%s)', n.nspname, p.proname, (
        select string_agg(format('null::%s', format_type(t.type, null)), ', ' order by t.place)
        from unnest(p.proargtypes::oid[]) with ordinality t (type, place)
      )) as call
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any (${schemas})
      and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    order by 1, 2`;
}

async function tryRelation(sql: postgres.Sql, subject: Subject & { kind: "relation" }): Promise<string> {
  const target = `"${subject.schema}"."${subject.name}"`;
  const each = async (statement: (column: string) => string) => {
    const allowed: string[] = [];
    for (const column of subject.columns) {
      if (await isAllowed(sql, statement(`"${column}"`))) allowed.push(column);
    }
    return allowed;
  };
  const verbs = [
    describe("read", await each((column) => `select ${column} from ${target} limit 0`), subject.columns),
    await isAllowed(sql, `insert into ${target} default values`) ? "insert" : "",
    describe(
      "update",
      await each((column) => `update ${target} set ${column} = default where false`),
      subject.columns,
    ),
    await isAllowed(sql, `delete from ${target} where false`) ? "delete" : "",
  ];
  return verbs.filter((verb) => verb !== "").join("; ");
}

/** A call is planned, which asks for the right to execute, and not made. */
async function tryCall(sql: postgres.Sql, subject: Subject & { kind: "function" }): Promise<string> {
  return await isAllowed(sql, `explain select ${subject.call}`) ? "call" : "";
}

function describe(verb: string, allowed: string[], columns: string[]): string {
  if (allowed.length === 0) return "";
  return allowed.length === columns.length ? verb : `${verb} ${allowed.join(", ")}`;
}

class Undone extends Error {}

/** Whether the caller's rights let the statement through. */
async function isAllowed(sql: postgres.Sql, statement: string): Promise<boolean> {
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(statement);
      throw new Undone();
    });
  } catch (error) {
    if (error instanceof Undone) return true;
    const { code = "" } = error as { code?: string };
    // Rights are asked for before constraints and before a function looks at its arguments.
    if (/^(23|22|SH|OW)/.test(code)) return true;
    // A view or column that cannot be written to, nobody may write to.
    if (["42501", "55000", "0A000", "428C9"].includes(code)) return false;
    throw error;
  }
  return true;
}
