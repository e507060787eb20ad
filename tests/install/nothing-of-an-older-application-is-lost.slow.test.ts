import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { harness } from "../fixtures/database.ts";
import { columnsOf, objectsOf, olderShop, valuesOf } from "../fixtures/older-shop.ts";

const { migrations } = harness();

const rows = {
  clients: [
    {
      external_id: "cli_1",
      company_name: "École",
      tags: ["institutional", "vip"],
      status: "ACTIVE",
      colour: "red",
    },
    {
      external_id: "cli_2",
      company_name: "Roy",
      tags: [],
      created_at: "2024-01-02T03:04:05",
      updated_at: "2024-01-02",
    },
    { external_id: "cli_3", company_name: "", tags: null },
  ],
  pianos: [
    { external_id: "ins_1", client_external_id: "cli_1", tags: ["non"], year: "1921", notes: "Feutres usés" },
    {
      external_id: "ins_2",
      dampp_chaser_installed: true,
      dampp_chaser_mfg_date: "2020-05-01",
      year: "vers 1930",
    },
    { external_id: "ins_3", dampp_chaser_installed: "", dampp_chaser_mfg_date: "", location: "Salle A" },
  ],
  contacts: [{
    external_id: "con_1",
    is_default: true,
    email: "a@b.ca",
    created_at: "2024-01-02 00:00:00+00",
  }],
  timeline_entries: [
    {
      external_id: "tme_1",
      occurred_at: "2024-01-02T10:00:00Z",
      piano_id: "ins_1",
      entry_type: "USER_COMMENT",
    },
    {
      external_id: "tme_2",
      occurred_at: "2024-01-02 05:00:00-05:00",
      description: 'tabulation\tet "guillemets"',
    },
    { external_id: "tme_3", occurred_at: "" },
  ],
  appointments: [{ external_id: "evt_1", appointment_date: "2026-02-30", duration_minutes: "90" }],
};

/** With these the shop reckons, or they are moments, of which text has many spellings; all others keep their type. */
const converted = {
  "gazelle_clients.tags": "text[]",
  "gazelle_pianos.dampp_chaser_installed": "boolean",
  "gazelle_pianos.dampp_chaser_mfg_date": "date",
  "gazelle_timeline_entries.occurred_at": "timestamp with time zone",
  "gazelle_clients.updated_at": "timestamp with time zone",
  "gazelle_contacts.created_at": "timestamp with time zone",
};

Deno.test("installed over an older application: every row, column and object stays, whatever runs the files", async (test) => {
  const ways: Record<string, (sql: postgres.Sql) => Promise<unknown>> = {
    "as the Supabase CLI does": (sql) => applyMigrations(sql, migrations),
    "file by file, each sent as it is": (sql) => eachFile(sql),
  };
  for (const [way, install] of Object.entries(ways)) {
    await test.step(way, async () => {
      await using database = await olderShop(rows);
      const { sql } = database;
      await sql`insert into rentals (piano, client) select p.id, c.id from gazelle_pianos p, gazelle_clients c limit 4`;
      const columns = await columnsOf(sql);
      const [values, objects] = [await valuesOf(sql, columns), await objectsOf(sql)];

      await install(sql);

      assert.deepEqual(withoutConverted(await valuesOf(sql, columns)), withoutConverted(values));
      assert.deepEqual(await newValues(sql), {
        tags: ["cli_1 {institutional,vip}", "cli_2 {}", "cli_3 -"],
        badges: ["ins_1 -", "ins_2 true 2020-05-01", "ins_3 -"],
        moments: ["2024-01-02 00:00:00+00", "2024-01-02 00:00:00+00"],
        entries: ["tme_1 2024-01-02 10:00:00+00", "tme_2 2024-01-02 10:00:00+00", "tme_3 -"],
      });
      const now = new Set(await objectsOf(sql));
      const gone = objects.filter((line) =>
        !now.has(line) && !isConverted(line) && !/^(relation|schema|member)/.test(line)
      );
      assert.deepEqual(gone, [
        "column gazelle_appointments external_id text f",
        "column gazelle_clients external_id character varying(40) f",
        "column gazelle_pianos external_id text f",
      ], "what names a record must be there, and nothing else is gone");
      await grantsStay(sql);
      await rowSecurityStays(sql);
      assert.deepEqual([...await sql`select * from ownership.health()`], []);
    });
  }
});

/** What `psql -f` sends: the text of each file. */
async function eachFile(sql: postgres.Sql): Promise<void> {
  const files = (await readdir(migrations)).sort();
  for (const file of files) await sql.unsafe(await readFile(`${migrations}/${file}`, "utf8")).simple();
}

const isConverted = (line: string) =>
  Object.keys(converted).some((column) => line.startsWith(`column ${column.replace(".", " ")} `));

function withoutConverted(values: Record<string, postgres.Row[]>) {
  return Object.entries(values).map(([table, rows]) => [
    table,
    rows.map((row) => Object.entries(row).filter(([name]) => !(`${table}.${name}` in converted))),
  ]);
}

async function newValues(sql: postgres.Sql) {
  const lines = async (rows: Promise<postgres.Row[]>) => (await rows).map(({ line }) => line);
  for (const [column, type] of Object.entries(converted)) {
    const [table, name] = column.split(".");
    const [row] = await sql`select format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = ${table!}::regclass and attname = ${name!}`;
    assert.equal(row?.type, type, column);
  }
  return {
    tags: await lines(
      sql`select concat_ws(' ', external_id, coalesce(tags::text, '-')) as line from gazelle_clients order by 1`,
    ),
    badges: await lines(
      sql`select concat_ws(' ', external_id, coalesce(dampp_chaser_installed::text, '-'), dampp_chaser_mfg_date)
      as line from gazelle_pianos order by 1`,
    ),
    entries: await lines(sql`select concat_ws(' ', external_id, coalesce(occurred_at::text, '-')) as line
      from gazelle_timeline_entries order by 1`),
    moments: await lines(sql`
      select updated_at::text as line from gazelle_clients where updated_at is not null
      union all select created_at::text from gazelle_contacts`),
  };
}

/** Signed-in users see what they saw: where there was row level security, no policy lets them see more. */
async function rowSecurityStays(sql: postgres.Sql): Promise<void> {
  const rows = await sql`
    select c.relname as tbl, c.relrowsecurity as on,
      array(select p.polname::text from pg_policy p where p.polrelid = c.oid order by 1) as policies
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname in ('gazelle_clients', 'gazelle_pianos', 'gazelle_users') order by 1`;
  assert.deepEqual([...rows], [
    { tbl: "gazelle_clients", on: true, policies: ["staff_reads", "writers"] },
    { tbl: "gazelle_pianos", on: false, policies: ["signed_in", "signed_in_tag", "writers"] },
    { tbl: "gazelle_users", on: true, policies: ["writers"] },
  ]);
}

Deno.test("a trigger that wants rights the sync has not is told by the install", async () => {
  await using database = await olderShop(rows);
  await database.sql`alter function audit() security invoker`;
  const told: postgres.Notice[] = [];
  const sql = postgres(database.url, { max: 1, onnotice: (notice) => told.push(notice) });
  await applyMigrations(sql, migrations).finally(() => sql.end({ timeout: 1 }));
  const warnings = told.map(({ message }) => message!).filter((message) => / refuses what /.test(message));
  assert.deepEqual(warnings, [
    "gazelle_clients refuses what the sync writes: permission denied for table audit_log",
    "gazelle_pianos refuses what the sync writes: permission denied for table audit_log",
  ]);
  const [row] = await database.sql`select count(missing_since)::integer as tried from gazelle_clients`;
  assert.equal(row?.tried, 0, "the trial is taken back");
});

/** Whoever could read and write before still can, on every table that was there. */
async function grantsStay(sql: postgres.Sql): Promise<void> {
  const lost = await sql`
    select t, r, p from unnest(array['gazelle_clients', 'gazelle_pianos', 'rentals', 'piano_list']) t,
      unnest(array['anon', 'authenticated', 'service_role']) r, unnest(array['select', 'insert', 'update', 'delete']) p
    where not has_table_privilege(r, t, p)`;
  assert.deepEqual([...lost], []);
}
