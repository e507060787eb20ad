import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { localPlatform } from "../fixtures/local.ts";

const quiet = { auth: { persistSession: false, autoRefreshToken: false } };

Deno.test("with a leaked secret key, over the API", async (test) => {
  await using platform = await localPlatform({
    prepare: (sql) =>
      sql.unsafe(`
        insert into gazelle_clients (external_id, company_name, tags) values ('cli_1', 'Salle Bourgie', '{}');
        update gazelle_clients set tags = '{institutional}'`),
  });
  const { sql } = platform;
  const thief = createClient(platform.url, platform.secretKey, {
    ...quiet,
    global: {
      headers: { "x-writer": "postgres", "x-ownership-rank": "100", "x-forwarded-user": "postgres" },
    },
  });
  const clients = thief.from("gazelle_clients");
  const standing = async () => {
    const rows = await sql`select tags from gazelle_clients where external_id = 'cli_1'`;
    return rows.map(({ tags }) => tags.join());
  };

  await test.step("an update, an upsert, and a row deleted and put in again leave it", async () => {
    const named = { external_id: "cli_1", company_name: "", city: "taken", tags: [] };
    assert.equal((await clients.update({ tags: [] }).eq("external_id", "cli_1")).error, null);
    assert.deepEqual(await standing(), ["institutional"]);
    assert.equal((await clients.upsert([named], { onConflict: "external_id" })).error, null);
    assert.deepEqual(await standing(), ["institutional"]);
    assert.equal((await clients.delete().eq("external_id", "cli_1")).error, null);
    assert.deepEqual(await standing(), []);
    assert.equal((await clients.insert(named)).error, null);
    assert.deepEqual(await standing(), ["institutional"]);
    const [row] = await sql`select company_name, city from gazelle_clients where external_id = 'cli_1'`;
    assert.deepEqual(
      { ...row },
      { company_name: "Salle Bourgie", city: "taken" },
      "but for what nobody owns",
    );
  });

  await test.step("what guards it is out of reach: neither schema nor functions of people", async () => {
    for (const schema of ["ownership", "ownership_private", "sync", "vault", "pg_catalog"]) {
      const { error } = await thief.schema(schema).from("claims").select();
      assert.ok(error, schema);
    }
    for (
      const [name, args] of Object.entries({
        tag_client: { id: "cli_1", tag: "x" },
        untag_client: { id: "cli_1", tag: "institutional" },
      })
    ) {
      assert.equal((await thief.rpc(name, args)).error?.code, "42501", name);
    }
    assert.ok((await thief.rpc("release", { tbl: "gazelle_clients", key: "cli_1", col: "tags" })).error);
    assert.deepEqual(await standing(), ["institutional"]);
  });

  await test.step("nor does a role of its own choice help, in the database itself", async () => {
    const program = platform.database.connectAs("service_role");
    const refused = (statement: string) =>
      assert.rejects(
        program.unsafe(statement),
        ({ code }: { code?: string }) => code === "42501" || code === "OW001",
        statement,
      );
    await refused("select ownership.release('gazelle_clients', 'cli_1', 'tags')");
    await refused("select ownership.unprotect('gazelle_clients', 'tags')");
    await refused("select ownership.register_writer('service_role', 100)");
    await refused("delete from ownership_private.claims");
    await refused("truncate gazelle_clients");
    await refused("alter table gazelle_clients disable trigger all");
    await refused("set session_replication_role = replica");
    assert.deepEqual(await standing(), ["institutional"]);
  });
});
