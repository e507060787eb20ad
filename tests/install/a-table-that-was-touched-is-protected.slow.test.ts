import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { harness, type TestDatabase } from "../fixtures/database.ts";
import { olderShop } from "../fixtures/older-shop.ts";

const { migrations } = harness();
const files = readdirSync(migrations).filter((file) => file.endsWith(".sql")).sort();

/** 630 values by hand, in every column that people may write. */
const byHand = {
  gazelle_clients: {
    tags: ["vip", "institutional"],
    company_name: "École",
    first_name: "Anne",
    last_name: "Roy",
    personal_notes: "téléphoner avant",
    preference_notes: "le matin",
  },
  gazelle_pianos: {
    tags: ["non"],
    location: "Studio 4",
    notes: "corde cassée",
    dampp_chaser_humidistat_model: "H3",
    dampp_chaser_mfg_date: "2020-05-01",
    dampp_chaser_installed: true,
  },
  gazelle_contacts: { first_name: "Anne", last_name: "Roy", email: "a@b.ca", phone: "514 555-0100" },
  gazelle_appointments: { title: "Accord", description: "avec Anne", location: "porte B", notes: "sonner" },
  gazelle_users: { phone: "514 555-0199" },
};
type Table = keyof typeof byHand;
const tables = Object.keys(byHand) as Table[];
const ids = Array.from({ length: 30 }, (_, place) => `own_${place}`);

/** The first file that changes a table. */
const first = files.findIndex((file) => file.endsWith("_gazelle_tables.sql"));

Deno.test("before a table is touched, the old script takes everything, as it always did", async () => {
  await using database = await filledShop();
  await using some = await folderWith(files.slice(0, first));
  await applyMigrations(database.sql, some.path);
  assert.equal(await standing(database.sql), 630);
  assert.equal(await isTouched(database.sql), false);
  await runOldScript(database, false);
  assert.equal(await standing(database.sql), 0);
});

Deno.test("broken off after any file that follows, an install leaves nothing to the old script, and goes on", async (test) => {
  await using database = await filledShop();
  const { sql } = database;
  for (const [place, file] of files.entries()) {
    if (place < first) continue;
    await test.step(`broken off after ${file}`, async () => {
      await using some = await folderWith(files.slice(0, place + 1));
      const { applied } = await applyMigrations(sql, some.path);
      assert.equal(applied.at(-1), file);
      assert.equal(await isTouched(sql), true);
      await runOldScript(database, true);
      assert.equal(await standing(sql), 630);
    });
  }
  assert.deepEqual([...await sql`select * from ownership.health()`], []);
});

Deno.test("until its values are adopted, no program replaces or deletes them in any way, and people may", async () => {
  await using database = await filledShop();
  await using some = await folderWith(files.slice(0, 3));
  const { sql } = database;
  await applyMigrations(sql, some.path);
  const asProgram = database.connectAs("service_role");
  await asProgram`update gazelle_pianos set location = 'theirs', notes = null, tags = '{""}', make = 'Yamaha'`;
  await sql.begin(async (load) => {
    await load`set local session_replication_role = replica`;
    await load`update gazelle_clients set personal_notes = '', city = 'Laval'`;
  });
  assert.equal(await standing(sql), 630);
  const [row] =
    await sql`select make, (select max(city) from gazelle_clients) as city from gazelle_pianos limit 1`;
  assert.deepEqual({ ...row }, { make: "Yamaha", city: "Laval" }, "what is Gazelle's goes through");
  for (const loss of ["delete from gazelle_contacts", "truncate gazelle_contacts"]) {
    await assert.rejects(asProgram.unsafe(loss), { code: "GZ011" });
  }
  await asProgram`insert into gazelle_contacts (external_id, phone) values ('con_new', '1')`;
  await asProgram`update gazelle_contacts set last_name = 'filled in' where external_id = 'con_new'`;

  await sql`update gazelle_pianos set location = 'Salle A', dampp_chaser_installed = null where external_id = 'own_0'`;
  await sql`delete from gazelle_contacts where external_id = 'own_1'`;
  await applyMigrations(sql, migrations);
  await asProgram`update gazelle_pianos set location = 'theirs', notes = 'theirs'`;
  assert.equal(await standing(sql), 630 - 2 - 4);
  const [edited] = await sql`select location from gazelle_pianos where external_id = 'own_0'`;
  assert.equal(edited?.location, "Salle A");
});

Deno.test("the columns on hold are those that get a policy", async () => {
  await using database = await filledShop();
  const { sql } = database;
  await applyMigrations(sql, migrations);
  const held = await sql`
    select t.tbl::text, array(select c from unnest(t.held) c order by 1) as cols from gazelle.taken_over t order by 1`;
  const protectedOnes = await sql`
    select t.tbl::text, array(select p.col from ownership.policies p where p.tbl = t.tbl order by 1) as cols
    from gazelle.taken_over t order by 1`;
  assert.deepEqual([...held], [...protectedOnes]);
  assert.ok(held.length >= 6);
  const left =
    await sql`select from pg_trigger where tgname ~ 'gazelle_hold' or tgfoid = 'gazelle.hold'::regproc`;
  assert.equal(left.length, 0);
});

/** An older application whose script has keys to upsert by, and all columns that people may write. */
async function filledShop(): Promise<TestDatabase> {
  const database = await olderShop();
  const { sql } = database;
  await sql.unsafe(`
    alter table gazelle_pianos add unique (external_id);
    alter table gazelle_clients add preference_notes text;
    alter table gazelle_appointments add description text, add location text;
    create table gazelle_users (external_id text primary key, phone text);
    grant all on gazelle_users to service_role`).simple();
  for (const table of tables) {
    const rows = ids.map((external_id) => ({ external_id, ...byHand[table] }));
    const names = sql(Object.keys(rows[0]!));
    await sql`
      insert into ${sql(table)} (${names})
      select ${names} from jsonb_populate_recordset(null::${sql(table)}, ${sql.json(rows)})`;
  }
  return database;
}

/** With a secret key, one upsert a row: nothing, for what its query did not select. */
async function runOldScript(database: TestDatabase, isInstalled: boolean): Promise<void> {
  const sql = database.connectAs("service_role");
  for (const table of tables) {
    const blank = Object.fromEntries(
      Object.keys(byHand[table]).map((name) => [name, blankOf(name, isInstalled)]),
    );
    const names = Object.keys(blank);
    await Promise.all(ids.map((external_id) =>
      sql`
      insert into ${sql(table)} (${sql(["external_id", ...names])})
      select ${sql(["external_id", ...names])}
      from jsonb_populate_record(null::${sql(table)}, ${sql.json({ external_id, ...blank } as never)})
      on conflict (external_id) do update set ${
        sql.unsafe(names.map((name) => `${name} = excluded.${name}`).join(", "))
      }`
    ));
  }
  await sql.end();
}

function blankOf(name: string, isInstalled: boolean) {
  if (name === "tags") return [];
  if (name === "dampp_chaser_installed") return false;
  return name === "dampp_chaser_mfg_date" && isInstalled ? null : "";
}

/** How many of the values by hand are there. */
async function standing(sql: postgres.Sql): Promise<number> {
  const counts = await Promise.all(tables.map(async (table) => {
    const rows = await sql<{ row: Record<string, unknown> }[]>`
      select to_jsonb(t) as row from ${sql(table)} t where external_id = any (${ids})`;
    const wanted = Object.entries(byHand[table]);
    return rows.flatMap(({ row }) => wanted.filter(([name, value]) => plain(row[name]) === plain(value)))
      .length;
  }));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A set was stored as JSON in a text, a badge as a word. */
const plain = (value: unknown) =>
  Array.isArray(value) ? JSON.stringify(value) : String(value).replaceAll(", ", ",");

async function isTouched(sql: postgres.Sql): Promise<boolean> {
  const [column] = await sql`
    select from pg_attribute where attrelid = 'gazelle_clients'::regclass and attname = 'missing_since'`;
  return column !== undefined;
}

async function folderWith(some: string[]): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(`${tmpdir()}/etiquette-some-`);
  for (const file of some) await copyFile(`${migrations}/${file}`, `${path}/${file}`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
