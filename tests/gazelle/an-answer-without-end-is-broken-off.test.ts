import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("an answer without end is broken off, and the run says so", async () => {
  await using gazelle = await endless();
  const settings = { GAZELLE_GRAPHQL_URL: gazelle.url, GAZELLE_RETRIES: "0", GAZELLE_TIMEOUT_MS: "60000" };
  await using platform = await smallShop(settings);
  const { status, body } = await sync(platform, "clients");
  assert.deepEqual([status, body.status, body.error?.code], [502, "failed", "gazelle_malformed"]);
  assert.equal(body.error?.message, `the answer from ${gazelle.url} has more than 32 MB`);
  assert.match(body.error?.hint ?? "", /GAZELLE_PAGE_SIZE/);
  await gazelle.hungUp;
  const megabytes = gazelle.sent / 2 ** 20;
  assert.ok(megabytes > 32 && megabytes < 64, `${megabytes} MB were sent`);
});

/** Sends as long as somebody reads. */
async function endless() {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  const found = { url: "", sent: 0, hungUp };
  const chunk = `"${"x".repeat(2 ** 20)}",`;
  const server = createServer((_, response) => {
    response.once("close", () => resolve());
    response.write("[");
    send(response);
  });
  const send = (response: ServerResponse) => {
    while (!response.destroyed) {
      found.sent += chunk.length;
      if (!response.write(chunk)) return response.once("drain", () => send(response));
    }
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  found.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return Object.assign(found, { [Symbol.asyncDispose]: close });
}
