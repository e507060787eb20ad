import assert from "node:assert/strict";
import { lastRun, smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("an API key is a way in", async () => {
  await using platform = await smallShop();
  const key = platform.double.apiKey;
  await using other = await smallShop({ GAZELLE_API_KEY: key, GAZELLE_GRAPHQL_URL: platform.double.url });
  assert.equal((await sync(other, "pianos")).body.status, "complete");
  platform.double.order({ kind: "unauthorized", times: "always" });
  const { status, body } = await sync(other, "pianos");
  assert.deepEqual([status, body.error?.code], [502, "gazelle_unauthorized"]);
  assert.match(body.error?.hint ?? "", /set GAZELLE_API_KEY/);
});

Deno.test("a refresh token alone is a way in, for both streams", async () => {
  await using platform = await smallShop({ GAZELLE_ACCESS_TOKEN: "" });
  assert.equal((await sync(platform, "clients")).body.status, "complete");
  assert.equal((await sync(platform, "pianos")).body.status, "complete");
});

Deno.test("an endpoint that cannot be reached: 502, on record, with what to check", async () => {
  await using platform = await smallShop({ GAZELLE_GRAPHQL_URL: "http://127.0.0.1:9/graphql/" });
  const { status, body } = await sync(platform, "clients");
  assert.deepEqual([status, body.status, body.error?.code], [502, "failed", "gazelle_unreachable"]);
  assert.equal(body.error?.message, "could not reach http://127.0.0.1:9/graphql/");
  assert.match(body.error?.hint ?? "", /Check GAZELLE_GRAPHQL_URL/);
  assert.equal((await lastRun(platform))?.status, "failed");
});
