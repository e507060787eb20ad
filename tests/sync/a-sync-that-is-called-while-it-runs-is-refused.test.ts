import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("a sync that is called while it runs", async (test) => {
  // A Gazelle that answers when the test says so.
  const gazelle = createServer();
  gazelle.listen(0, "127.0.0.1");
  await once(gazelle, "listening");
  const url = `http://127.0.0.1:${(gazelle.address() as AddressInfo).port}/`;
  await using platform = await smallShop({ GAZELLE_GRAPHQL_URL: url, GAZELLE_TIMEOUT_MS: "60000" });

  await test.step("the second is told so with 409, the first goes on and completes", async () => {
    const asked = once(gazelle, "request");
    const first = sync(platform, "clients");
    const [, response] = await asked as [unknown, ServerResponse];
    const second = await sync(platform, "clients");
    assert.deepEqual([second.status, second.body.status, second.body.error?.code], [
      409,
      "refused",
      "run_active",
    ]);
    assert.match(second.body.error?.message ?? "", /stream clients is being synced by run 1/);

    response.end(JSON.stringify({
      data: { allClients: { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] } },
    }));
    assert.equal((await first).body.status, "complete");
    const runs = await platform.sql`select status from sync.runs`;
    assert.deepEqual(runs.map((run) => run.status), ["complete"]);
  });
  gazelle.closeAllConnections();
  gazelle.close();
});
