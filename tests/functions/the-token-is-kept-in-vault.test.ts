import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { clearFaults, smallShop, sync } from "./syncing.ts";

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
  const nearItsEnd = () => sql`update sync.token set expires_at = clock_timestamp() + interval '5 minutes'`;

  await test.step("is got once, and serves the next calls from Vault", async () => {
    await sync(platform, "clients");
    await sync(platform, "pianos");
    assert.equal(await tokenRequests(), 1);
    assert.match((await inVault()).access, /^\S{8,}$/);
    const [known] =
      await sql`select expires_at > clock_timestamp() + interval '29 days' as month from sync.token`;
    assert.equal(known?.month, true);
  });

  await test.step("is got anew ahead of its end, by one of two calls at once", async () => {
    const old = await inVault();
    await nearItsEnd();
    const replies = await Promise.all([sync(platform, "clients"), sync(platform, "pianos")]);
    assert.deepEqual(replies.map(({ body }) => body.status), ["complete", "complete"]);
    assert.equal(await tokenRequests(), 2);
    assert.notEqual((await inVault()).access, old.access);
  });

  await test.step("keeps the old refresh token when the answer brings none", async () => {
    const old = await inVault();
    double.order({ kind: "no_refresh_token" });
    await nearItsEnd();
    assert.equal((await sync(platform, "clients")).body.status, "complete");
    const now = await inVault();
    assert.equal(now.refresh, old.refresh);
    assert.notEqual(now.access, old.access);
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
