import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { harness, type TestDatabase } from "../fixtures/database.ts";
import { someRows } from "../fixtures/installing.ts";
import { olderShop } from "../fixtures/older-shop.ts";

const { migrations } = harness();

/** Installs, and returns the warnings on the way. */
async function installAndListen({ url }: TestDatabase): Promise<string[]> {
  const told: postgres.Notice[] = [];
  const sql = postgres(url, { max: 1, onnotice: (notice) => told.push(notice) });
  await applyMigrations(sql, migrations).finally(() => sql.end({ timeout: 1 }));
  return told.filter(({ severity }) => severity === "WARNING").map(({ message }) => message!);
}

Deno.test("constraints of the application's own are told with their names, and stay", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  await sql.unsafe(`
    create table staff (external_id text primary key);
    alter table gazelle_timeline_entries
      add constraint entry_is_known check (entry_type in ('SERVICE_ENTRY_MANUAL', 'USER_COMMENT')),
      add constraint has_an_author foreign key (user_id) references staff not valid;
    create unique index one_client_a_number on gazelle_clients (phone) where phone <> '';
    alter table gazelle_clients add constraint loyal check (loyalty_points >= 0)`).simple();
  const told = (await installAndListen(database)).filter((line) => line.includes("may refuse"))
    .map((line) => line.replaceAll("public.", ""));
  assert.deepEqual(told.map((line) => line.replace(/(CHECK|CREATE|FOREIGN).*/, "$1")).sort(), [
    "gazelle_clients may refuse what Gazelle sends: one_client_a_number CREATE",
    "gazelle_pianos may refuse what Gazelle sends: gazelle_pianos_client_external_id_fkey FOREIGN",
    "gazelle_timeline_entries may refuse what Gazelle sends: entry_is_known CHECK",
    "gazelle_timeline_entries may refuse what Gazelle sends: has_an_author FOREIGN",
  ]);
  const [doctor] = await sql`
    select array(select c ->> 'name' from jsonb_array_elements(shop_doctor() -> 'constraints') c order by 1) as names`;
  assert.deepEqual(doctor?.names, [
    "entry_is_known",
    "gazelle_pianos_client_external_id_fkey",
    "has_an_author",
    "one_client_a_number",
  ]);
});

Deno.test("where external_id is unique already, no second index is made", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  const unique = () =>
    sql`
    select i.indrelid::regclass::text as tbl, count(*)::integer from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] and a.attname = 'external_id'
    where i.indisunique and i.indnkeyatts = 1 and i.indrelid::regclass::text ~ '^gazelle_' group by 1 order by 1`;
  assert.equal((await unique()).length, 4, "all but the pianos");
  await applyMigrations(sql, migrations);
  const made = await unique();
  assert.deepEqual(made.map(({ tbl, count }) => `${tbl} ${count}`), [
    "gazelle_appointments 1",
    "gazelle_clients 1",
    "gazelle_contacts 1",
    "gazelle_pianos 1",
    "gazelle_timeline_entries 1",
    "gazelle_users 1",
  ]);
});

Deno.test("the sync inserts where rows are numbered by the application, in every way", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  await sql.unsafe(`
    create sequence numbers;
    alter table gazelle_contacts add id serial;
    alter table gazelle_appointments add number bigint not null default nextval('numbers');
    create table gazelle_users (id smallserial, external_id text primary key)`).simple();
  assert.deepEqual((await installAndListen(database)).filter((line) => line.includes(" refuses ")), []);
  const asSync = database.connectAs("gazelle_sync");
  for (const table of ["contacts", "appointments", "users", "pianos"]) {
    await asSync`insert into ${asSync(`gazelle_${table}`)} (external_id) values ('new_1')`;
  }
  const [row] = await sql`select number::integer from gazelle_appointments where external_id = 'new_1'`;
  assert.ok(row!.number >= 1);
});

Deno.test("a default or a trigger that an insert of the sync fails on is told by the install", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  await sql.unsafe(`
    create function next_number() returns integer language sql as 'select 1';
    revoke execute on function next_number() from public;
    alter table gazelle_contacts add number integer default next_number();
    create function refuse() returns trigger language plpgsql as $$begin raise 'not today'; end$$;
    create trigger refuse before insert on gazelle_appointments for each row execute function refuse()`)
    .simple();
  assert.deepEqual((await installAndListen(database)).filter((line) => line.includes(" refuses ")), [
    "gazelle_contacts refuses what the sync writes: permission denied for function next_number",
    "gazelle_appointments refuses what the sync writes: not today",
  ]);
  assert.equal((await sql`select from gazelle_contacts where external_id = 'etiquette_tries'`).length, 0);
});

Deno.test("a role that may not make roles is told all that it lacks, beside what stands in the way of the tables", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  const name = new URL(database.url).pathname.slice(1);
  const installer = `installer_${name}`;
  await sql.unsafe(`
    create role ${installer} nologin;
    grant create on database ${name} to ${installer};
    create table institution_config (mine text)`).simple();
  try {
    const told = await refusedTo(database, installer);
    assert.match(told, new RegExp(`role ${installer} may not grant gazelle_sync, which is there already\\.`));
    assert.match(told, new RegExp(`As its owner: grant gazelle_sync to ${installer} with admin option;`));
    assert.match(told, new RegExp(`Let it: grant create on schema public to ${installer};`));
    assert.match(told, /table public\.institution_config is something else/);
    assert.match(told, /public\.gazelle_pianos belongs to postgres/);
    await sql.unsafe(`revoke create on database ${name} from ${installer}`);
    assert.equal(
      await refusedTo(database, installer),
      `Let it: grant create on database ${name} to ${installer};`,
    );
  } finally {
    await sql.unsafe(`drop owned by ${installer}; drop role ${installer}`).simple();
  }
});

async function refusedTo(database: TestDatabase, installer: string): Promise<string> {
  const sql = database.connectAs(installer);
  const survey = (await readdir(migrations)).find((file) => file.endsWith("_gazelle_survey.sql"))!;
  const text = await readFile(`${migrations}/${survey}`, "utf8");
  return await sql.unsafe(text).simple().then(
    () => "nothing",
    (error: postgres.PostgresError) => error.detail ?? error.message,
  );
}
