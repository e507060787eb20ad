import assert from "node:assert/strict";
import { applyMigrations } from "../../local/migrations.ts";
import { harness } from "../fixtures/database.ts";
import {
  afterFiles,
  assertWhole,
  someRows,
  startInstall,
  stateOf,
  undisturbed,
} from "../fixtures/installing.ts";
import { olderShop } from "../fixtures/older-shop.ts";

const { migrations } = harness();

Deno.test("an install that is killed is finished by the next one, and is as if nobody had disturbed it", async (test) => {
  const expected = await undisturbed();
  for (const files of [37, 64]) {
    await test.step(`kill -9 after ${files} files`, async () => {
      await using database = await olderShop(someRows);
      const child = startInstall(database.url);
      await afterFiles(child, files, () => child.kill("SIGKILL"));
      const done = await assertWhole(database.sql, files);
      const rest = await applyMigrations(database.sql, migrations);
      assert.equal(rest.before, done);
      assert.ok(rest.applied.length > 0, "it was killed on the way");
      assert.deepEqual(await stateOf(database.sql), expected);
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
