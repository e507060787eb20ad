// How the ownership engine stands in a database: whether it is there, whose it is, and whether this role may change that.

import type postgres from "postgres";
import { problem } from "../../supabase/functions/_shared/problem.ts";

export interface Standing {
  database: string;
  /** As whom this session works. */
  role: string;
  /** Of the engine that is installed, or 0. */
  version: number;
  /** Of the engine's schemas; null if it is not installed. */
  owner: string | null;
  /** Whether the Gazelle sync is installed, which needs the engine. */
  sync: boolean;
}

interface Facts extends Standing {
  server: string;
  server_number: number;
  may_create: boolean;
  is_owner: boolean;
  read_only: boolean;
  schemas: string[];
  is_engine: boolean;
  /** Whether the schemas bear the engine's comment, so that they are what an install left. */
  is_begun: boolean;
  guards_tables: boolean;
  may_ask: boolean;
}

/** The oldest major version of Postgres that the engine is for. */
const oldest = 15;

/** @throws engine_foreign, engine_unfinished, may_not_install */
export async function lookAtEngine(sql: postgres.ISql): Promise<Standing> {
  const { database, role, version, owner, sync } = await factsOf(sql);
  return { database, role, version, owner, sync };
}

/**
 * Looks before anything is changed.
 *
 * @param wanted the version that the engine is to have
 * @throws database_newer, engine_foreign, engine_unfinished, postgres_old, database_read_only, may_not_install
 */
export async function readyToInstall(sql: postgres.ISql, wanted: number): Promise<Standing> {
  const facts = await factsOf(sql);
  const { database, role, server, version } = facts;
  if (facts.server_number < oldest * 10_000) {
    throw problem(
      "postgres_old",
      `${database} is on Postgres ${server}, and the engine needs ${oldest} or later.`,
      {
        hint: "Upgrade the server first. Nothing was changed.",
      },
    );
  }
  if (version > wanted) throw newer(version, wanted);
  if (version === wanted) return facts;
  if (facts.read_only) {
    throw problem(
      "database_read_only",
      `${database} takes no writes: it is a standby, or set to read only.`,
      {
        hint: "Name the primary server. Nothing was changed.",
      },
    );
  }
  if (version > 0 && !facts.is_owner) throw othersEngine(facts);
  if (version === 0 && !facts.may_create) {
    throw problem("may_not_install", `${role} may not make schemas in the database ${database}.`, {
      details: "The engine is two schemas, which belong to whoever installs it.",
      hint:
        `As the owner of the database: grant create on database ${quoted(database)} to ${quoted(role)}; ` +
        "or install as the role that owns your tables. Nothing was changed.",
    });
  }
  return facts;
}

/** @throws database_newer */
export async function refuseNewerEngine(sql: postgres.ISql, known: number): Promise<void> {
  // Where it cannot be asked, what comes next says why.
  const [row] = await sql<{ version: number }[]>`select ownership.version() as version`.catch(() => []);
  if (row !== undefined && row.version > known) throw newer(row.version, known);
}

function newer(version: number, known: number): Error {
  return problem(
    "database_newer",
    `The engine in the database has version ${version}, and this command line knows ${known}.`,
    {
      details: "It was installed by a later release. Nothing was changed.",
      hint: "Use the command line of that release: npm install etiquette@latest",
    },
  );
}

async function factsOf(sql: postgres.ISql): Promise<Facts> {
  const [found] = await sql<Omit<Facts, "version">[]>`
    with ours as (
      select n.oid, n.nspname, n.nspowner from pg_namespace n where n.nspname in ('ownership', 'ownership_private')
    )
    select current_database() as database, current_user as role, current_setting('server_version') as server,
      current_setting('server_version_num')::integer as server_number,
      has_database_privilege(current_database(), 'create') as may_create,
      pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as read_only,
      array(select nspname::text from ours order by 1) as schemas,
      (select pg_get_userbyid(nspowner) from ours where nspname = 'ownership') as owner,
      coalesce((select bool_and(pg_has_role(nspowner, 'usage')) from ours), false) as is_owner,
      exists (
        select from pg_proc p join ours on ours.oid = p.pronamespace and ours.nspname = 'ownership'
        where p.proname = 'version' and p.pronargs = 0 and p.prorettype = 'integer'::regtype
      ) and exists (
        select from pg_class c join ours on ours.oid = c.relnamespace and ours.nspname = 'ownership_private'
        where c.relname = 'writers'
      ) as is_engine,
      coalesce((
        select bool_or(obj_description(oid, 'pg_namespace') like 'Column ownership: %') from ours
      ), false) as is_begun,
      exists (select from pg_trigger where tgname like '~~ownership\\_%') as guards_tables,
      coalesce((
        select has_function_privilege(p.oid, 'execute') and has_schema_privilege(ours.oid, 'usage')
        from pg_proc p join ours on ours.oid = p.pronamespace and ours.nspname = 'ownership' and p.proname = 'version'
        where p.pronargs = 0
      ), false) as may_ask,
      exists (
        select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'sync' and p.proname = 'schema_version'
      ) as sync`;
  if (found!.schemas.length > 0 && !found!.is_engine) {
    throw found!.is_begun ? unfinished(found!) : foreign(found!);
  }
  if (!found!.is_engine) return { ...found!, version: 0 };
  if (!found!.may_ask) throw othersEngine(found!);
  const [{ version } = { version: 0 }] = await sql<
    { version: number }[]
  >`select ownership.version() as version`;
  return { ...found!, version };
}

function othersEngine({ database, owner, role }: Pick<Facts, "database" | "owner" | "role">): Error {
  return problem("may_not_install", `The engine in ${database} belongs to ${owner}, and you are ${role}.`, {
    hint: `Log in as ${owner}. Nothing was changed.`,
  });
}

function unfinished({ schemas, database, guards_tables }: Omit<Facts, "version">): Error {
  const drop = `drop schema ${schemas.join(", ")} cascade`;
  return problem(
    "engine_unfinished",
    `The ownership engine in ${database} is not complete: an install was broken off.`,
    {
      details: guards_tables ? "Tables have triggers of it, so people's claims may be in it." : null,
      hint: guards_tables
        ? "Bring back a backup, or export what people own (select ownership.export()) before you take it out: " +
          "select ownership.uninstall(). Then install again. Nothing was changed."
        : `Nothing is protected by it yet. Take it out: ${drop}; then install again. Nothing was changed.`,
    },
  );
}

function foreign({ schemas: [name], database, owner }: Omit<Facts, "version">): Error {
  return problem("engine_foreign", `${database} has a schema ${name} that is not the ownership engine's.`, {
    details: owner === null ? null : `It belongs to ${owner}.`,
    hint:
      `The engine needs that name: alter schema ${name} rename to …; then install again. Nothing was changed.`,
  });
}

/** As SQL takes it. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
