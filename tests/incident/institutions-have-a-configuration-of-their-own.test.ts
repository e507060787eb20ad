import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { tagInstitutions } from "../../cli/people.ts";
import { INSTITUTIONS } from "../../gazelle-double/shop/institutions.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("institutions have an institution_config of their own, which no sync can write", async () => {
  await using platform = await smallShop();
  const { sql } = platform;
  await sync(platform, "clients");
  await tagInstitutions(sql);
  const configured = () => sql`select * from institution_config order by client_external_id`;
  assert.deepEqual(
    (await configured()).map((row) => [row.client_external_id, row.display_name]),
    INSTITUTIONS.map(({ id, companyName }) => [id, companyName]).sort(),
  );

  await sql`update institution_config set notes = 'Sonner à la porte 3.', options = '{"months": 6}'`;
  const before = await configured();
  await sync(platform, "clients");
  const api = createClient(platform.url, platform.secretKey, { auth: { persistSession: false } });
  const row = { client_external_id: INSTITUTIONS[0]!.id, slug: "s", display_name: "d", notes: null };
  const upserted = await api.from("institution_config").upsert(row, { onConflict: "client_external_id" });
  assert.equal(upserted.error?.code, "42501");
  await sql`update gazelle_clients set tags = '{}'`;
  assert.deepEqual([...await configured()], [...before]);
});
