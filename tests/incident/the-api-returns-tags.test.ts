import assert from "node:assert/strict";
import { readAll } from "../double/client.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("the API returns tags, and the sync asks for them", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  for (const [stream, root] of [["clients", "allClients"], ["pianos", "allPianos"]] as const) {
    await test.step(`every tag of Gazelle's ${stream} is here`, async () => {
      await sync(platform, stream);
      const { records } = await readAll(double, root, "id tags");
      const theirs = records.filter(({ tags }) => tags.length > 0);
      assert.ok(theirs.length > 0);
      const ours = await sql`select external_id as id, tags from ${
        sql(`gazelle_${stream}`)
      } where tags <> '{}'`;
      assert.deepEqual(sorted(ours), sorted(theirs));
    });
  }

  await test.step("an answer without them is no answer that there are none", async () => {
    const [client] = await sql`select external_id, tags from gazelle_clients where tags <> '{}' limit 1`;
    double.order({
      kind: "malformed_record",
      field: "allClients",
      record: client!.external_id,
      path: "tags",
      times: "always",
    });
    const { body } = await sync(platform, "clients");
    assert.equal(body.counters.missing, 0);
    const [after] = await sql`select tags from gazelle_clients where external_id = ${client!.external_id}`;
    assert.deepEqual(after?.tags, client?.tags);
  });
});

const sorted = (rows: Iterable<{ id?: string; tags?: string[] }>) =>
  [...rows].map(({ id, tags = [] }) => [id, ...[...tags].sort()].join(" ")).sort();
