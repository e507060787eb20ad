import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import postgres from "postgres";
import { startPostgres, throwaway } from "../../local/postgres.ts";
import { emptyDatabase, installScript, readDocument } from "./engine.ts";

const install = await installScript(await readDocument("ownership.md"));

/** What a database holds outside the engine's own schemas. */
const inventory = `
  select n.nspname || '.' || c.relname as object, c.relkind, c.relacl::text, (
    select string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ', ' order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
  ) as columns, (select string_agg(t.tgname, ', ') from pg_trigger t where t.tgrelid = c.oid) as triggers
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'ownership', 'ownership_private')
  order by 1`;

Deno.test("one command installs on a server that knows none of the platform's roles", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(`${tmpdir()}/etiquette-bare-`);
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = await startPostgres({ dataDir: `${folder}/data`, port: 0, settings: throwaway });
  stack.defer(() => server.stop());
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 1 }));
  const roles = () => sql`select rolname from pg_roles where rolname !~ '^pg_' order by 1`;
  const before = [...await roles()];
  assert.deepEqual(before, [{ rolname: "postgres" }]);

  await sql.unsafe(install);

  assert.deepEqual([...await roles()], before);
  await protectsWhatStands(sql);
  assert.deepEqual([...await sql`select problem, object, detail from ownership.health()`], []);
});

Deno.test("one command installs over a database full of data and leaves it as it was", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  await sql.unsafe(`
    create table places (id bigint generated always as identity, code text not null unique, name text, tags text[]);
    insert into places (code, name, tags) select 'p' || n, 'place ' || n, '{old}' from generate_series(1, 20000) n;
    grant select on places to public`);
  const rows = () => sql`select md5(string_agg(p::text, '' order by id)) as hash from places p`;
  const [objects, data] = [[...await sql.unsafe(inventory)], [...await rows()]];

  await sql.unsafe(install);

  assert.deepEqual([...await sql.unsafe(inventory)], objects);
  assert.deepEqual([...await rows()], data);
  await sql`select ownership.protect('places', 'name')`;
  const [{ adopted } = {}] = await sql`select ownership.adopt('places', 'name') as adopted`;
  assert.equal(Number(adopted), 20_000);
  await sql`set ownership.writer = 'some sync'`;
  await sql`update places set name = null`;
  assert.deepEqual([...await rows()], data);
  await sql`reset ownership.writer`;
  await sql`select ownership.uninstall()`;
  assert.deepEqual([...await sql.unsafe(inventory)], objects);
  assert.deepEqual([...await rows()], data);
});

/** One statement protects a column, for real. */
async function protectsWhatStands(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(
    "create table t (k text primary key, v text); insert into t values ('a', 'from a source')",
  );
  await sql`select ownership.protect('t', 'v')`;
  await sql`update t set v = 'by hand'`;
  await sql`set ownership.writer = 'some sync'`;
  await sql`update t set v = ''`;
  await sql`reset ownership.writer`;
  const [row] = await sql`select v from t`;
  assert.equal(row?.v, "by hand");
}
