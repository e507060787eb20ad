import assert from "node:assert/strict";
import postgres from "postgres";
import { testDatabase } from "../fixtures/database.ts";
import { claims, schemas } from "./access.ts";

const hostile = [
  "x'; drop table canary.alive; --",
  'x"; drop table canary.alive; --',
  "x\\'; drop table canary.alive; --",
  "$$; drop table canary.alive; $$",
  "%I %1$s %L; drop table canary.alive",
];

/** What Postgres says when a value was read as a part of a statement. */
const readAsSql = ["42601", "42P02"];

/** What takes SQL as SQL, from our own functions alone. */
const takesSql = ["sync.count_rows"];

Deno.test("no argument of any function is run as SQL, whoever calls it", async (test) => {
  await using database = await testDatabase();
  await database.sql.unsafe("create schema canary; create table canary.alive (id integer)");
  for (const role of ["authenticated", "service_role", "postgres"]) {
    await test.step(role, async () => {
      const sql = database.connectAs(role);
      await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, false)`;
      const functions = await callable(database.sql, role);
      assert.ok(functions.length > 10);
      const run: string[] = [];
      for (const { name, types } of functions) {
        const call = (text: string) =>
          codeOf(sql, `select * from ${name}(${types.map((type) => argument(type, text))})`);
        const usual = await call("harmless");
        for (const text of hostile) {
          const code = await call(text);
          if (readAsSql.includes(code) && code !== usual) run.push(`${name} with ${text}: ${code}`);
        }
      }
      assert.deepEqual(run, []);
      assert.equal(
        (await database.sql`select to_regclass('canary.alive') as alive`)[0]?.alive,
        "canary.alive",
      );
    });
  }
});

Deno.test("the attempt that succeeds is seen", async () => {
  await using database = await testDatabase();
  await database.sql.unsafe(`create schema canary; create table canary.alive (id integer);
    create function public.runs_it(value text) returns void language plpgsql as $$
    begin execute 'select ''' || value || ''''; end $$`);
  await assert.rejects(codeOf(database.sql, `select runs_it(${quoted(hostile[0]!)})`), /was run/);
  assert.equal(await codeOf(database.sql, `select runs_it(${quoted("it's")})`), "42601");
});

Deno.test("names of tables and columns hold what they like: a stream of a table that needs quoting", async () => {
  await using database = await testDatabase();
  const { sql } = database;
  const [target, col] = [`public."gazelle_%I's ""own"""`, `"lo""c'ation %s"`];
  await sql.unsafe(`
    create table ${target} (external_id text primary key, ${col} text, missing_since timestamptz);
    grant select, insert (external_id, ${col}), update (${col}, missing_since) on ${target} to gazelle_sync;
    select sync.register_stream('odd', $$${target}$$, 'gazelle');
    select ownership.protect($$${target}$$, $$lo"c'ation %s$$)`);
  const name = `lo"c'ation %s`;
  const run = async (records: Record<string, unknown>[]) => {
    const [begun] = await sql<[{ run_id: string; lease: string }]>`
      select * from jsonb_to_record(sync_start_run('odd', 'test')) r (run_id bigint, lease uuid)`;
    const { run_id, lease } = begun;
    await sql`select sync_stage_page(${run_id}, ${lease}, ${
      JSON.stringify(records)
    }, '[]', null, true, ${records.length})`;
    const [planned] = await sql`select sync_plan_run(${run_id}, ${lease}) ->> 'step' as step`;
    if (planned?.step === "apply") await sql`select sync_apply_run(${run_id}, ${lease})`;
    const [ended] = await sql`select sync_finish_run(${run_id}, ${lease}, '{}') ->> 'status' as status`;
    assert.equal(ended?.status, "complete");
    return run_id;
  };
  const standing = async () => {
    const rows = await sql.unsafe(`select external_id, ${col} as value from ${target} order by 1`);
    return rows.map(({ external_id, value }) => `${external_id}: ${value}`);
  };

  await run(hostile.map((text) => ({ external_id: text, [name]: text })));
  assert.deepEqual((await standing()).sort(), hostile.map((text) => `${text}: ${text}`).sort());
  await sql.unsafe(`update ${target} set ${col} = 'by hand' where external_id like '$$%'`);
  const last = await run(hostile.map((text) => ({ external_id: text, [name]: "from %s'" })));
  assert.equal((await standing()).filter((row) => row.endsWith(": from %s'")).length, hostile.length - 1);
  await sql`select sync.revert(${last})`;
  assert.equal((await standing()).filter((row) => row.endsWith(": from %s'")).length, 0);
  assert.ok((await standing()).some((row) => row.endsWith(": by hand")));
});

/** What the role may call, but helpers that take a whole row: that has passed a function that takes it apart. */
async function callable(sql: postgres.Sql, role: string) {
  const rows = await sql<{ name: string; types: string[] }[]>`
    select format('%I.%I', n.nspname, p.proname) as name, array(
      select format_type(t.type, null) from unnest(p.proargtypes::oid[]) with ordinality t (type, place) order by place
    ) as types
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any (${schemas}) and p.prokind = 'f'
      and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
      and has_schema_privilege(${role}, n.oid, 'usage') and has_function_privilege(${role}, p.oid, 'execute')
      and not exists (select from pg_type t where t.oid = any (p.proargtypes::oid[]) and t.typtype = 'c')
    order by 1`;
  return rows.filter(({ name, types }) => types.length > 0 && !takesSql.includes(name));
}

function argument(type: string, text: string): string {
  if (type === "jsonb" || type === "json") {
    return `${
      quoted(JSON.stringify([{ external_id: text, [text]: text, path: text, reason: text }]))
    }::${type}`;
  }
  if (type === "regclass") return "'public.gazelle_clients'::regclass";
  if (["text[]", "name[]"].includes(type)) return `array[${quoted(text)}]::${type}`;
  if (["text", "name", "character varying"].includes(type)) return `${quoted(text)}::${type}`;
  if (["bigint", "integer"].includes(type)) return `1::${type}`;
  return type === "uuid" ? "gen_random_uuid()" : `null::${type}`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The SQLSTATE that the statement ends with, "" for none; nothing of it stays, whatever it did. */
async function codeOf(sql: postgres.Sql, statement: string): Promise<string> {
  const undone = new Error("undone");
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(statement);
      const [row] = await transaction`select to_regclass('canary.alive') as alive`;
      assert.equal(row?.alive, "canary.alive", `${statement} was run`);
      throw undone;
    });
  } catch (error) {
    if (error === undone) return "";
    if (error instanceof postgres.PostgresError) return error.code;
    throw error;
  }
  return "";
}
