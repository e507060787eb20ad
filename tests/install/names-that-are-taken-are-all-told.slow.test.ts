import assert from "node:assert/strict";
import { applyMigrations } from "../../local/migrations.ts";
import { harness, testDatabase } from "../fixtures/database.ts";
import { someRows } from "../fixtures/installing.ts";
import { objectsOf, olderShop } from "../fixtures/older-shop.ts";
import { problemOf } from "../fixtures/problems.ts";

const { migrations } = harness();

/** What an application may have under a name of ours, one of each kind. */
const kinds: Record<string, string> = {
  "view institution_overview": "create view institution_overview as select 1 as mine",
  "materialized view institution_config": "create materialized view institution_config as select 1 as mine",
  "sequence institution_inventory": "create sequence institution_inventory",
  "type gazelle_users": "create type gazelle_users as enum ('mine')",
  "domain pls_rules": "create domain pls_rules as text",
  "type pls_evidence": "create type pls_evidence as (mine text)",
  "index gazelle_pianos_client_external_id_idx":
    "create index gazelle_pianos_client_external_id_idx on audit_log (op)",
  "procedure detect_pls(integer)": "create procedure detect_pls(mine integer) language sql as 'select 1'",
  "aggregate tag_client(integer)": "create aggregate tag_client (integer) (sfunc = int4pl, stype = integer)",
  "schema shop": "create schema shop; comment on schema shop is 'The shop''s own.'",
  "trigger open_tagged_institution on public.gazelle_clients":
    "create trigger open_tagged_institution after insert on gazelle_clients for each row execute function audit()",
  "policy writers on public.gazelle_clients":
    "create policy writers on gazelle_clients to anon using (false)",
  "event trigger ownership_watch_drops": `
    create function watch() returns event_trigger language plpgsql as 'begin end';
    create event trigger ownership_watch_drops on sql_drop execute function watch()`,
  "job 'sync clients' of pg_cron": "select cron.schedule('sync clients', '0 * * * *', 'select mine()')",
};

Deno.test("whatever an application has under a name of ours is told at once, and renamed it stays", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  for (const given of Object.values(kinds)) await sql.unsafe(given).simple();
  const before = await objectsOf(sql);

  const refused = await problemOf(applyMigrations(sql, migrations));
  assert.equal(refused.code, "GZ009", refused.message);
  assert.deepEqual(told(refused.details), Object.keys(kinds).sort());
  assert.deepEqual((await objectsOf(sql)).filter((line) => !/supabase_migrations/.test(line)), before);

  const remedies = remediesOf(refused.details);
  assert.equal(remedies.length, Object.keys(kinds).length);
  for (const remedy of remedies) await sql.unsafe(remedy).simple();
  await applyMigrations(sql, migrations);
  assert.deepEqual([...await sql`select * from ownership.health()`], []);
  const [job] = await sql`select schedule, command from cron.job where jobname = 'sync clients before'`;
  assert.deepEqual({ ...job }, { schedule: "0 * * * *", command: "select mine()" });
  assert.equal((await sql`select mine from institution_overview_before`).length, 1);
});

Deno.test("every name that the install makes in public is asked for before anything is changed", async () => {
  const names = await everyName();
  await using database = await olderShop(someRows);
  const { sql } = database;
  for (const name of names.relations) await sql`create table ${sql(name)} (mine text)`;
  for (const name of names.functions) {
    await sql.unsafe(`create function ${name}(mine point) returns point language sql as 'select mine'`);
  }
  const refused = await problemOf(applyMigrations(sql, migrations));
  const expected = [
    ...names.relations.map((name) => `table ${name}`),
    ...names.functions.map((name) => `function ${name}(point)`),
  ];
  assert.ok(expected.length > 45, `${expected.length} names`);
  assert.deepEqual(told(refused.details), expected.sort());
});

Deno.test("an application's own institutions, and what else it calls otherwise than we do, is in nobody's way", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  await sql.unsafe(`
    create table institutions (slug text primary key, name text, gazelle_client_id text, active boolean, options jsonb);
    insert into institutions values ('ecole', 'École', 'cli_1', true, '{}');
    create index gazelle_pianos_client_external_id_idx on gazelle_pianos (client_external_id);
    create function audit(gazelle_clients) returns text language sql as 'select ''mine'''`).simple();
  await applyMigrations(sql, migrations);
  assert.deepEqual([...await sql`select slug, active from institutions`], [{ slug: "ecole", active: true }]);
  assert.deepEqual([...await sql`select slug from institution_overview`], [{ slug: "ecole" }]);
});

Deno.test("a schema gazelle that is somebody else's is not touched", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  await sql.unsafe("create schema gazelle; create view gazelle.gazelle_clients as select 1 as mine").simple();
  const refused = await problemOf(applyMigrations(sql, migrations));
  assert.equal(refused.code, "GZ009");
  assert.match(refused.details, /^Rename it: alter schema gazelle rename to gazelle_before;/);
  await sql`alter schema gazelle rename to gazelle_before`;
  await applyMigrations(sql, migrations);
  assert.equal((await sql`select mine from gazelle_before.gazelle_clients`).length, 1);
});

/** What a complete install has in public, but for the tables that it takes over and names that Postgres chooses. */
async function everyName(): Promise<{ relations: string[]; functions: string[] }> {
  await using database = await testDatabase();
  const { sql } = database;
  const isPgTap = /^(_|pg_|tap)/;
  const relations = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c left join pg_index i on i.indexrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relname !~ '_(external_id_key|id_seq)$'
      and not exists (select from pg_constraint k where k.conindid = c.oid)
      and not exists (select from sync.streams s where s.target = c.oid)
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')`;
  const functions = await sql<{ name: string }[]>`
    select distinct p.proname as name from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proowner = 'postgres'::regrole
      and obj_description(p.oid, 'pg_proc') is not null
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`;
  const named = (rows: { name: string }[]) =>
    rows.map(({ name }) => name).filter((name) => !isPgTap.test(name));
  return { relations: named(relations), functions: named(functions) };
}

const lines = (details: string) => details.split("\n").map((line) => line.trim());

function told(details: string): string[] {
  const problem = / is something else, and one of ours has this name\.$/;
  return lines(details).filter((line) => problem.test(line))
    .map((line) => line.replace(problem, "").replace(/^(?!trigger|policy)(.*)public\./, "$1")).sort();
}

function remediesOf(details: string): string[] {
  return lines(details).filter((line) => line.startsWith("Rename it: ")).map((line) =>
    line.replace("Rename it: ", "")
  );
}
