import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("while a page is staged the next is at hand, one more is read and one on its way, and none after it", async () => {
  const gazelle = createServer();
  const nextRequest = requestsOf(gazelle);
  gazelle.listen(0, "127.0.0.1");
  await new Promise((ready) => gazelle.once("listening", ready));
  const url = `http://127.0.0.1:${(gazelle.address() as AddressInfo).port}/`;
  await using platform = await smallShop({ GAZELLE_GRAPHQL_URL: url, GAZELLE_TIMEOUT_MS: "60000" });
  const { sql, database } = platform;
  const staged = async () =>
    (await sql`select id from sync.staged_clients p, unnest(p.ids) id order by 1`).map(({ id }) => id);

  await sql`update sync.settings set stage_rows = 1`;
  // Whoever stages waits for this transaction.
  const holder = await database.connectAs("postgres").reserve();
  const running = sync(platform, "clients");
  const first = await nextRequest();
  await holder.unsafe("begin; lock table sync.staged_clients in exclusive mode").simple();
  answer(first, "cli_1", "one");
  // Without a request the run ends when its staging has waited too long.
  const ended = running.then(() => null);
  const second = await Promise.race([nextRequest(), ended]);
  assert.ok(second, "the second page was not asked for");
  assert.deepEqual([second.after, await staged()], ["one", []]);
  answer(second, "cli_2", "two");

  const third = await Promise.race([nextRequest(), ended]);
  assert.ok(third, "the third page was not asked for");
  assert.deepEqual([third.after, await staged()], ["two", []]);
  answer(third, "cli_3", "three");

  const fourth = await Promise.race([nextRequest(), ended]);
  assert.ok(fourth, "the fourth page was not asked for");
  assert.deepEqual([fourth.after, await staged()], ["three", []]);
  answer(fourth, "cli_4", "four");

  // The fifth is asked for once the first is staged, no sooner; another call gives the function time to do so.
  let isAskedFor = false;
  const fifth = nextRequest().finally(() => isAskedFor = true);
  assert.equal((await sync(platform, "users", { method: "GET" })).status, 405);
  assert.equal(isAskedFor, false);
  await holder`commit`;
  holder.release();
  assert.deepEqual([(await fifth).after, (await staged())[0]], ["four", "cli_1"]);
  answer(await fifth, "cli_5", null);
  assert.equal((await running).body.status, "complete");
  assert.deepEqual(await staged(), ["cli_1", "cli_2", "cli_3", "cli_4", "cli_5"]);
  gazelle.closeAllConnections();
  gazelle.close();
});

type Asked = { after: string | null; response: ServerResponse };

/** Gives the requests in the order in which they come, each with the cursor it asks for. */
function requestsOf(server: ReturnType<typeof createServer>): () => Promise<Asked> {
  const arrived: Asked[] = [];
  const wanted: ((asked: Asked) => void)[] = [];
  const match = () => {
    while (arrived.length > 0 && wanted.length > 0) wanted.shift()!(arrived.shift()!);
  };
  server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
    const body = await Array.fromAsync(request);
    arrived.push({ after: JSON.parse(Buffer.concat(body).toString()).variables.after, response });
    match();
  });
  return () =>
    new Promise((resolve) => {
      wanted.push(resolve);
      match();
    });
}

function answer({ response }: Asked, id: string, cursor: string | null): void {
  const pageInfo = { hasNextPage: cursor !== null, endCursor: cursor };
  response.end(JSON.stringify({ data: { allClients: { totalCount: 5, pageInfo, nodes: [{ id }] } } }));
}
