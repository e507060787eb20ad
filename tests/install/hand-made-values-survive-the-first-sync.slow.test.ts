import assert from "node:assert/strict";
import type postgres from "postgres";
import { gazelle } from "../../supabase/functions/_shared/gazelle/index.ts";
import { olderShop, type Rows, rowsOf } from "../fixtures/older-shop.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop, sync, versions } from "../fixtures/syncing.ts";

const streams = gazelle.streams.map(({ name }) => name);
const withPeople = ["clients", "contacts", "pianos"];

Deno.test("what people wrote before the install survives the first sync and the old script, and the rest is Gazelle's", async (test) => {
  const database = await olderShop(await syncedRows());
  const ids = await editByHand(database.sql);
  await using platform = await smallShop({}, 0.2, database);
  const { sql } = platform;
  const byHand = await handMade(sql, ids);
  assert.deepEqual(byHand, {
    tags: ["institutional"],
    client_notes: "téléphoner avant",
    piano: { location: "Studio 4", notes: "corde cassée", dampp_chaser_installed: true, tags: ["non"] },
  });

  await test.step("the old script, which blanks what Gazelle does not know", async () => {
    await runOldScript(sql, ids);
    assert.deepEqual(await handMade(sql, ids), byHand);
  });

  await test.step("the first sync of every stream", async () => {
    await syncAll(platform);
    assert.deepEqual(await handMade(sql, ids), byHand);
  });

  await test.step("the second one calls missing what Gazelle does not have, and touches nothing else of it", async () => {
    await syncAll(platform, withPeople);
    const missing =
      await sql`select external_id, location from gazelle_pianos where missing_since is not null`;
    assert.deepEqual([...missing], [{ external_id: "own_1", location: "chez nous" }]);
  });

  await test.step("the next sync rewrites nothing, though a trigger stamps each change", async () => {
    const before = await Promise.all(withPeople.map((stream) => versions(platform, stream)));
    await syncAll(platform, withPeople);
    assert.deepEqual(await Promise.all(withPeople.map((stream) => versions(platform, stream))), before);
  });

  await test.step("one statement gives Gazelle back what it says too", async () => {
    const settled =
      await sql`select tbl::text, col, handed_back::integer, kept::integer from sync.settle_adoption()`;
    const places = settled.find(({ tbl, col }) => tbl === "gazelle_pianos" && col === "location");
    assert.equal(places?.kept, 2, "that one, and the piano that Gazelle does not have");
    assert.ok(places?.handed_back > 100, `${places?.handed_back} places`);
    const [claims] =
      await sql`select array_agg(element) as tags from ownership.claims where key = ${ids.client} and col = 'tags'`;
    assert.deepEqual(claims?.tags, ["institutional"]);
    const again = await sql`select sum(handed_back)::integer as more from sync.settle_adoption()`;
    assert.equal(again[0]?.more, 0);
  });

  await test.step("then Gazelle's own corrections arrive, beside what stays by hand", async () => {
    for (const id of [ids.piano, ids.other]) {
      platform.double.order({ kind: "edit", id, fields: { location: "Salle A", notes: "nouveau" } });
    }
    await syncAll(platform, ["pianos"]);
    assert.deepEqual(await handMade(sql, ids), byHand);
    const [other] = await sql`select location, notes from gazelle_pianos where external_id = ${ids.other}`;
    assert.deepEqual({ ...other }, { location: "Salle A", notes: "nouveau" });
  });
  assert.deepEqual([...await sql`select * from ownership.health()`], []);
});

/** What the application's own sync had brought until yesterday. */
async function syncedRows(): Promise<Rows> {
  await using platform = await smallShop();
  await syncAll(platform);
  return await rowsOf(platform.sql);
}

async function syncAll(platform: TestPlatform, among = streams): Promise<void> {
  for (const stream of among) {
    const { body } = await sync(platform, stream);
    assert.equal(body.status, "complete", JSON.stringify(body.error));
  }
}

interface Ids {
  client: string;
  piano: string;
  other: string;
}

/** In the application, years before anything here was installed. */
async function editByHand(sql: postgres.Sql): Promise<Ids> {
  const [client] =
    await sql`select external_id as id from gazelle_clients where tags = '[]' order by 1 limit 1`;
  const pianos = await sql`
    select external_id as id from gazelle_pianos
    where dampp_chaser_installed = 'false' and location <> '' and notes <> '' order by 1 limit 2`;
  await sql`update gazelle_clients set tags = '["institutional"]', personal_notes = 'téléphoner avant' where external_id = ${
    client!.id
  }`;
  await sql`
    update gazelle_pianos
    set location = 'Studio 4', notes = 'corde cassée', dampp_chaser_installed = 'true', tags = '{non}'
    where external_id = ${pianos[0]!.id}`;
  await sql`insert into gazelle_pianos (external_id, location) values ('own_1', 'chez nous')`;
  return { client: client!.id, piano: pianos[0]!.id, other: pianos[1]!.id };
}

async function handMade(sql: postgres.Sql, { client, piano }: Ids) {
  const [one] = await sql`select tags, personal_notes from gazelle_clients where external_id = ${client}`;
  const [other] = await sql`
    select location, notes, dampp_chaser_installed, tags from gazelle_pianos where external_id = ${piano}`;
  return { tags: one?.tags, client_notes: one?.personal_notes, piano: { ...other } };
}

/** With a secret key: unconditional tags, and false, '' and NULL for what its query did not select. */
async function runOldScript(sql: postgres.Sql, { client, piano }: Ids): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local role service_role`;
    await transaction`
      insert into gazelle_clients (external_id, tags, personal_notes) values (${client}, '{}', null)
      on conflict (external_id) do update set tags = excluded.tags, personal_notes = excluded.personal_notes`;
    await transaction`
      insert into gazelle_pianos (external_id, location, notes, dampp_chaser_installed, tags)
      values (${piano}, '', null, false, null)
      on conflict (external_id) do update
      set location = excluded.location, notes = excluded.notes, tags = excluded.tags,
        dampp_chaser_installed = excluded.dampp_chaser_installed`;
  });
}
