import assert from "node:assert/strict";
import { lastRun, smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("who may start a sync, and how", async (test) => {
  await using platform = await smallShop({ GAZELLE_PAGE_SIZE: "many", GAZELLE_CLIENT_SECRET: "" });

  for (
    const [who, key] of [["nobody", ""], ["the public", platform.publishableKey], [
      "a guess",
      "sb_secret_guess",
    ]]
  ) {
    await test.step(`${who} may not: 401, and no run`, async () => {
      const { status } = await sync(platform, "clients", { headers: key ? { apikey: key } : {} });
      assert.equal(status, 401);
      assert.equal(await lastRun(platform), undefined);
    });
  }

  await test.step("a GET starts nothing: 405", async () => {
    const { status } = await sync(platform, "clients", { method: "GET" });
    assert.equal(status, 405);
    assert.equal(await lastRun(platform), undefined);
  });

  const mistakes: [string, string, RegExp][] = [
    ["an option there is not", '{"dryrun": true}', /dryrun/],
    ["an option of a wrong type", '{"dry_run": "yes"}', /dry_run/],
    ["an allowance there is not", '{"allow": ["blank:tags", "blank:tag"]}', /has no 'blank:tag'/],
    ["no JSON", "dry_run=true", /expected object/],
  ];
  for (const [what, request, complaint] of mistakes) {
    await test.step(`${what} starts nothing: 400`, async () => {
      const { status, body } = await sync(platform, "clients", { body: request });
      assert.deepEqual([status, body.error?.code], [400, "request_invalid"]);
      assert.match(`${body.error?.message} ${body.error?.details}`, complaint);
      assert.equal(await lastRun(platform), undefined);
    });
  }

  await test.step("wrong settings: a failed run that names each of them", async () => {
    const { status, body } = await sync(platform, "clients", { headers: { apikey: platform.secretKey } });
    assert.deepEqual([status, body.status, body.error?.code], [500, "failed", "settings_invalid"]);
    assert.match(body.error?.details ?? "", /GAZELLE_PAGE_SIZE must be a whole number from 1 to 500/);
    assert.match(body.error?.details ?? "", /GAZELLE_CLIENT_SECRET is missing/);
    assert.equal((await lastRun(platform))?.started_by, "key default");
  });
});
