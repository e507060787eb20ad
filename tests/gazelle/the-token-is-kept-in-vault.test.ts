import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "../fixtures/connecting.ts";
import { clearFaults, smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("the token", async (test) => {
  await using platform = await smallShop({ GAZELLE_ACCESS_TOKEN: "" });
  const { sql, double } = platform;
  const inVault = async () => {
    const [found] = await sql`
      select max(decrypted_secret) filter (where name = 'gazelle_access_token') as access,
        max(decrypted_secret) filter (where name = 'gazelle_refresh_token') as refresh
      from vault.decrypted_secrets`;
    return { access: found?.access as string, refresh: found?.refresh as string };
  };
  const tokenRequests = async () => {
    const log = await (await fetch(`${double.controlUrl}/log`)).json() as { path: string }[];
    return log.filter(({ path }) => path.endsWith("/token")).length;
  };
  const halfOver = () => sql`update gazelle.token set renew_at = clock_timestamp()`;

  await test.step("is got once, and serves the next calls from Vault", async () => {
    await sync(platform, "clients");
    await sync(platform, "pianos");
    assert.equal(await tokenRequests(), 1);
    assert.match((await inVault()).access, /^\S{8,}$/);
    const [known] =
      await sql`select expires_at > clock_timestamp() + interval '29 days' as month from gazelle.token`;
    assert.equal(known?.month, true);
  });

  await test.step("is got anew ahead of its end, by one of two calls at once", async () => {
    const old = await inVault();
    await halfOver();
    const replies = await Promise.all([sync(platform, "clients"), sync(platform, "pianos")]);
    assert.deepEqual(replies.map(({ body }) => body.status), ["complete", "complete"]);
    assert.equal(await tokenRequests(), 2);
    assert.notEqual((await inVault()).access, old.access);
  });

  await test.step("keeps the old refresh token when the answer brings none", async () => {
    const old = await inVault();
    double.order({ kind: "no_refresh_token" });
    await halfOver();
    assert.equal((await sync(platform, "clients")).body.status, "complete");
    const now = await inVault();
    assert.equal(now.refresh, old.refresh);
    assert.notEqual(now.access, old.access);
  });

  await test.step("goes on serving where Gazelle does not renew it, and people are told", async () => {
    const old = await inVault();
    double.order({ kind: "revoked_refresh_token" });
    await halfOver();
    assert.equal((await sync(platform, "clients")).body.status, "complete");
    assert.deepEqual(await inVault(), old);
    const [alert] = await sql`select kind, stream, hint from sync.alerts where resolved_at is null`;
    assert.deepEqual([alert?.kind, alert?.stream], ["token_refused", null]);
    assert.match(alert?.hint, /etiquette connect/);
    assert.equal((await connect(platform)).status, 200);
    assert.equal((await sql`select from sync.alerts where resolved_at is null`).length, 0);
  });

  await test.step("that is refused is got anew once; refused again, the run fails and says what to do", async () => {
    const requests = await tokenRequests();
    double.order({ kind: "unauthorized", field: "allClients", times: "always" });
    const { status, body } = await sync(platform, "clients");
    assert.deepEqual([status, body.status, body.error?.code], [502, "failed", "gazelle_unauthorized"]);
    assert.equal(await tokenRequests(), requests + 1);
    await clearFaults(platform);
  });

  await test.step("is in no log and no table that the API reads", async () => {
    const { access, refresh } = await inVault();
    for (const log of ["functions", "api"]) {
      const text = await readFile(`${platform.folder}/log/${log}.log`, "utf8");
      assert.ok(!text.includes(access) && !text.includes(refresh), `${log}.log`);
    }
    const [runs] = await sql`select json_agg(r)::text as text from sync.runs r`;
    assert.ok(runs?.text.length > 100 && !runs?.text.includes(access));
  });
});
