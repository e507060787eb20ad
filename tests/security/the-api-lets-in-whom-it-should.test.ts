import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { localPlatform } from "../fixtures/local.ts";

const quiet = { auth: { persistSession: false, autoRefreshToken: false } };
const relations = [
  "gazelle_clients",
  "gazelle_pianos",
  "gazelle_timeline_entries",
  "institution_config",
  "institution_overview",
];

Deno.test("over the API: visitors get nothing, signed-in users their columns, programs all but what is people's own", async () => {
  await using platform = await localPlatform({
    prepare: (sql) =>
      sql`insert into gazelle_clients (external_id, company_name, email, tags)
        values ('cli_1', 'Place des Arts', 'a@example.org', '{institutional}')`,
  });
  const visitor = createClient(platform.url, platform.publishableKey, quiet);
  for (const relation of [...relations, "institution_inventory", "gazelle_users"]) {
    assert.equal((await visitor.from(relation).select()).error?.code, "42501", relation);
  }
  assert.equal(
    (await visitor.rpc("sync_start_run", { stream: "clients", started_by: "x" })).error?.code,
    "42501",
  );

  const person = createClient(platform.url, platform.publishableKey, quiet);
  const account = { email: "tech@example.org", password: "a long enough secret" };
  await person.auth.signUp(account);
  assert.equal((await person.auth.signInWithPassword(account)).error, null);
  const shown = await person.from("institution_overview").select("slug, display_name, pianos");
  assert.deepEqual(shown.data, [{ slug: "place-des-arts", display_name: "Place des Arts", pianos: 0 }]);
  assert.equal((await person.from("gazelle_clients").select("external_id, email")).error?.code, "42501");
  assert.equal(
    (await person.from("gazelle_clients").delete().eq("external_id", "cli_1")).error?.code,
    "42501",
  );
  const renamed = await person.from("gazelle_clients").update({ company_name: "x" }).eq(
    "external_id",
    "cli_1",
  );
  assert.equal(renamed.error?.code, "42501");
  const noted = await person.from("institution_config").update({ notes: "Porte 3" }).eq(
    "slug",
    "place-des-arts",
  )
    .select("notes");
  assert.deepEqual([noted.error, noted.data], [null, [{ notes: "Porte 3" }]]);
  assert.equal(
    (await person.rpc("sync_start_run", { stream: "clients", started_by: "x" })).error?.code,
    "42501",
  );

  const program = createClient(platform.url, platform.secretKey, quiet);
  const read = await program.from("gazelle_clients").select("email");
  assert.deepEqual([read.error, read.data], [null, [{ email: "a@example.org" }]]);
  const written = await program.from("institution_config").update({ notes: null }).eq(
    "slug",
    "place-des-arts",
  );
  assert.equal(written.error?.code, "42501");
  assert.equal((await program.rpc("tag_client", { id: "cli_1", tag: "x" })).error?.code, "42501");
});
