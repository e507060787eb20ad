import assert from "node:assert/strict";
import { applyMigrations } from "../../local/migrations.ts";
import { harness } from "../fixtures/database.ts";
import { killAtTable, someRows, stateOf, undisturbed } from "../fixtures/installing.ts";
import { olderShop } from "../fixtures/older-shop.ts";

const { migrations } = harness();

/** Where a file has done a part of its work when it needs gazelle_pianos, and the file before. */
const middles = {
  "20261127000800_shop_changes.sql": "20261127000700_shop.sql",
  "20261127001200_gazelle_piano_adoption.sql": "20261127001100_gazelle_contact_adoption.sql",
};

Deno.test("an install that is killed in the middle of a file leaves nothing of it, and the next one finishes", async (test) => {
  const expected = await undisturbed();
  for (const [file, before] of Object.entries(middles)) {
    await test.step(`kill -9 in ${file}`, async () => {
      await using database = await olderShop(someRows);
      const { sql } = database;
      await killAtTable(database, "gazelle_pianos", before);
      const [left] = await sql`
        select max(version) as last, exists (select from pg_trigger where tgname = 'pls_entries_came') as notes_changes, (
          select count(*)::integer from ownership.claims where tbl = 'gazelle_pianos'::regclass
        ) as claims
        from supabase_migrations.schema_migrations`;
      assert.equal(left?.last, before.split("_")[0]);
      assert.equal(left?.claims, 0);
      assert.equal(left?.notes_changes, !file.includes("shop_changes"));

      const rest = await applyMigrations(sql, migrations);
      assert.equal(rest.applied[0], file);
      assert.deepEqual(await stateOf(sql), expected);
    });
  }
});

Deno.test("an install that is done is done once: the next one changes nothing", async () => {
  await using database = await olderShop(someRows);
  const { sql } = database;
  await applyMigrations(sql, migrations);
  const all = () =>
    sql`
    select c.oid::regclass::text as tbl, (xpath('/row/rows/text()', query_to_xml(
      format('select md5(string_agg(t::text, '','' order by t::text)) as rows from %s t', c.oid::regclass), true, true, '')))[1]::text as rows
    from pg_class c where c.relkind = 'r' and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1`;
  const [state, rows] = [await stateOf(sql), [...await all()]];
  assert.ok(rows.some(({ tbl, rows }) => tbl === "sync.streams" && rows !== null), "rows are compared");
  assert.deepEqual((await applyMigrations(sql, migrations)).applied, []);
  assert.deepEqual(await stateOf(sql), state);
  assert.deepEqual([...await all()], rows);
});
