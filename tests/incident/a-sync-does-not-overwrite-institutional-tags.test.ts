import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { tagInstitutions } from "../../cli/people.ts";
import { INSTITUTIONS } from "../../gazelle-double/shop/institutions.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

const ids = INSTITUTIONS.map(({ id }) => id);

Deno.test("a sync does not overwrite institutional tags", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  const tagged = async () => {
    const rows = await sql<{ external_id: string }[]>`
      select external_id from gazelle_clients where tags @> '{institutional}' order by external_id`;
    return rows.map((row) => row.external_id);
  };
  await sync(platform, "clients");
  assert.deepEqual(await tagged(), [], "Gazelle never knew the tag");
  await tagInstitutions(sql);
  assert.deepEqual(await tagged(), [...ids].sort());

  await test.step("when Gazelle says again that there are no tags", async () => {
    const { body } = await sync(platform, "clients");
    assert.deepEqual([body.status, body.counters.updated], ["complete", 0]);
    assert.deepEqual(await tagged(), [...ids].sort());
  });

  await test.step("when Gazelle sends another tag, and when it takes that away again", async () => {
    const tags = async () =>
      (await sql`select tags from gazelle_clients where external_id = ${ids[0]!}`)[0]?.tags;
    double.order({ kind: "edit", id: ids[0]!, fields: { tags: ["Nouveau"] } });
    await sync(platform, "clients");
    assert.deepEqual(await tags(), ["institutional", "Nouveau"]);
    double.order({ kind: "edit", id: ids[0]!, fields: { tags: [] } });
    await sync(platform, "clients");
    assert.deepEqual(await tags(), ["institutional"]);
    assert.deepEqual(await tagged(), [...ids].sort());
  });

  await test.step("when the script of that day upserts empty tags with the secret key", async () => {
    const api = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });
    const rows = ids.map((id) => ({ external_id: id, tags: [], company_name: "upserted" }));
    const { error } = await api.from("gazelle_clients").upsert(rows, { onConflict: "external_id" });
    assert.equal(error, null);
    const [arrived] =
      await sql`select count(*)::integer from gazelle_clients where company_name = 'upserted'`;
    assert.equal(arrived?.count, ids.length, "what nobody owns goes through");
    assert.deepEqual(await tagged(), [...ids].sort());
  });
});
