import assert from "node:assert/strict";
import { applyMigrations } from "../../local/migrations.ts";
import { gazelle } from "../../supabase/functions/_shared/gazelle/index.ts";
import { harness } from "../fixtures/database.ts";
import {
  answers,
  byHand,
  editByHand,
  grownShop,
  type Records,
  type Row,
  runScript,
  scripted,
} from "../fixtures/grown-shop.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { problemOf } from "../fixtures/problems.ts";
import { smallShop, sync, tableOf } from "../fixtures/syncing.ts";

/** Streams of which the application's own constraints refuse more than a few records: every user, one kind of entries. */
const refusing = ["users", "timeline"];

Deno.test("a grown application is installed over, synced and settled, and not one value by hand is lost", async (test) => {
  const records = await recordsOfGazelle();
  const database = await grownShop();
  await runScript(database, records);
  await editByHand(database.sql);
  const [values, before] = [await byHand(database.sql), await answers(database.sql)];
  assert.ok(values.length >= 400, `${values.length} values by hand`);
  const lost = async () => {
    const there = new Set(await byHand(database.sql));
    return values.filter((line) => !there.has(line));
  };

  await test.step("what stands in the way is told at once, and mended as is told", async () => {
    const refused = await problemOf(applyMigrations(database.sql, harness().migrations));
    const remedies = refused.details.match(/alter table .* drop not null;/g) ?? [];
    assert.equal(remedies.length, 2, refused.details);
    for (const remedy of remedies) await database.sql.unsafe(remedy);
  });

  await using platform = await smallShop({}, 0.2, database);
  const { sql } = platform;
  await test.step("the install", async () => {
    assert.deepEqual(await lost(), []);
    assert.deepEqual(await answers(sql), before);
    assert.deepEqual([...await sql`select * from ownership.health()`], []);
  });
  await test.step("the script, as it was and mended", async () => {
    for (const isMended of [false, true]) await runScript(database, records, isMended);
    assert.deepEqual(await lost(), []);
    assert.deepEqual(await answers(sql), before);
  });
  await test.step("our syncs: every stream complete, but for what the application's own constraints refuse", async () => {
    await syncAll(platform, refusing);
    assert.deepEqual(await lost(), []);
  });
  await test.step("the application's answers: nothing is gone, and cancelled appointments are new", async () => {
    const now = await answers(sql);
    assert.deepEqual(now.institutions, before.institutions);
    assert.deepEqual(now.vips, before.vips);
    for (const name of ["badges", "visits"]) {
      assert.deepEqual(before[name]!.filter((line) => !now[name]!.includes(line)), [], name);
    }
    const cancelled = records.appointments!.filter(({ status }) => status === "CANCELED");
    assert.ok(cancelled.length > 20);
    assert.equal(now.visits!.length - before.visits!.length, cancelled.length);
    await sql.unsafe(`
      create or replace view visits as
      select a.external_id, a.appointment_date, coalesce(a.description, a.title) as what
      from gazelle_appointments a where a.status not in ('CANCELLED', 'CANCELED')`);
    assert.deepEqual((await answers(sql)).visits, before.visits);
  });
  await test.step("settling, then the script, as it was and mended", async () => {
    const settled =
      await sql`select sum(handed_back)::integer as back, sum(kept)::integer as kept from sync.settle_adoption()`;
    assert.ok(settled[0]!.back > 500, JSON.stringify(settled));
    assert.deepEqual((await lost()).length, 0, "settling");
    for (const isMended of [false, true]) await runScript(database, records, isMended);
    assert.deepEqual(await lost(), []);
  });
  await test.step("people behind the back end, with a key of app_backend, and the script behind them", async () => {
    const asPeople = database.connectAs("app_backend");
    await asPeople`update gazelle_pianos set location = '', tags = tags || '{à revoir}' where id = 4`;
    await asPeople`update gazelle_clients set personal_notes = 'changed' where id = 4`;
    for (const isMended of [false, true]) await runScript(database, records, isMended);
    const edited = async () => [
      ...await sql`
        select location, 'à revoir' = any (tags) as tagged, (select personal_notes from gazelle_clients where id = 4) as notes
        from gazelle_pianos where id = 4`,
    ];
    const expected = [{ location: "", tagged: true, notes: "changed" }];
    assert.deepEqual(await edited(), expected);
    await syncAll(platform, refusing);
    assert.deepEqual(await edited(), expected);
    const gone = (await lost()).map((line) => line.replace(/(?<= )(con|cli|ins)_\S+/, "…"));
    assert.deepEqual(
      gone,
      ["clients … téléphoner avant 4", "place … Studio 4"],
      "what people replaced themselves",
    );
    values.splice(0, values.length, ...values.filter((line) => !/ (téléphoner avant|Studio) 4$/.test(line)));
  });
  await test.step("an appointment that the script brings first, and Gazelle corrects", async () => {
    const [visit] = await sql`
      select external_id as id from gazelle_appointments where status = 'ACTIVE' and id % 20 <> 0 order by id desc limit 1`;
    await sql`delete from gazelle_appointments where external_id = ${visit!.id}`;
    await runScript(database, records, true);
    platform.double.order({ kind: "edit", id: visit!.id, fields: { title: "Accord, reporté" } });
    await syncAll(platform, refusing);
    const [corrected] = await sql`select title from gazelle_appointments where external_id = ${visit!.id}`;
    assert.equal(corrected?.title, "Accord, reporté");
    assert.deepEqual(await lost(), []);
  });
  await test.step("our syncs again, with a correction of Gazelle's that arrives", async () => {
    const [piano] = await sql`
      select external_id as id from gazelle_pianos where id % 4 = 2 and id % 3 <> 0 order by id limit 1`;
    platform.double.order({ kind: "edit", id: piano!.id, fields: { location: "Salle A" } });
    await syncAll(platform, refusing);
    assert.deepEqual(await lost(), []);
    const [corrected] = await sql`select location from gazelle_pianos where external_id = ${piano!.id}`;
    assert.equal(corrected?.location, "Salle A");
    assert.deepEqual([...await sql`select * from ownership.health()`], []);
    assert.deepEqual([...await sql`select tbl, col, key, problem from ownership.verify()`], []);
  });
});

/** As Gazelle has them: what a first sync into an empty database brings. */
async function recordsOfGazelle(): Promise<Records> {
  await using platform = await smallShop();
  await syncAll(platform);
  const rows = async (table: string) =>
    (await platform.sql<{ row: Row }[]>`
      select to_jsonb(t) as row from ${platform.sql(`gazelle_${table}`)} t order by external_id`).map((
      { row },
    ) => row);
  return Object.fromEntries(
    await Promise.all(scripted.map(async (table) => [table, await rows(table)] as const)),
  );
}

async function syncAll(platform: TestPlatform, degraded: string[] = []): Promise<void> {
  for (const { name } of gazelle.streams) {
    const { body } = await sync(platform, name);
    const expected = degraded.includes(name) ? "degraded" : "complete";
    assert.equal(body.status, expected, `${tableOf(name)}: ${JSON.stringify(body.error)}`);
  }
}
