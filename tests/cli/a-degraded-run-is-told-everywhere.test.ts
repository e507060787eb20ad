import assert from "node:assert/strict";
import { clearFaults, smallShop, sync } from "../fixtures/syncing.ts";
import { verb } from "./verbs.ts";

Deno.test("144 of 206 pianos come with an error from one day on", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "clients");
  await sync(platform, "pianos");
  const found = await sql<
    { id: string }[]
  >`select external_id as id from gazelle_pianos order by 1 limit 144`;
  const ids = found.map(({ id }) => id);
  const fail = (path: string) =>
    double.order({ kind: "field_error", field: "allPianos", records: ids, path, times: "always" });
  const told = /run \d+ of pianos could not store 144 of 206 records as they are/;

  await test.step("in a field that takes the whole record with it: 200, degraded", async () => {
    fail("tags");
    const { status, body } = await sync(platform, "pianos");
    assert.deepEqual([status, body.status, body.counters.rejected], [200, "degraded", 144]);
    assert.match(body.error?.message ?? "", told);
    assert.match(body.error?.details ?? "", /^tags, 144: Gazelle answered an error: /);
    await clearFaults(platform);
  });

  await test.step("in a field alone: the command line ends with 1, and says so", async () => {
    fail("location");
    const { code, printed } = await verb(platform, "URL and key", "sync", "pianos");
    assert.equal(code, 1);
    assert.match(printed, /│ pianos │ degraded │/);
    assert.match(printed, told);
    assert.match(printed, /144 with a field for which Gazelle answered an error/);
  });

  await test.step("a call for all streams, the doctor, verify and one alert say it too", async () => {
    const all = await (await fetch(`${platform.url}/functions/v1/sync-all`, {
      method: "POST",
      headers: { apikey: platform.cronKey },
    })).json();
    assert.equal(all.status, "degraded");
    const doctor = await verb(platform, "SQL", "doctor");
    assert.match(
      doctor.printed,
      /✖ +last run of pianos +degraded: run .* is degraded: run \d+ of pianos could not store 144/,
    );
    const verify = await verb(platform, "SQL", "verify");
    assert.equal(verify.code, 1);
    assert.match(
      verify.printed,
      /✖ last run of pianos: degraded: run .* run \d+ of pianos could not store 144/,
    );
    const alerts =
      await sql`select kind, times from sync.alerts where resolved_at is null and stream = 'pianos'`;
    assert.deepEqual(alerts.map((one) => ({ ...one })), [{ kind: "run_degraded", times: 3 }]);
  });

  await test.step("once Gazelle answers again, the run is complete and the alert is closed", async () => {
    await clearFaults(platform);
    assert.equal((await sync(platform, "pianos")).body.status, "complete");
    assert.equal(
      (await sql`select from sync.alerts where resolved_at is null and stream = 'pianos'`).length,
      0,
    );
    assert.doesNotMatch((await verb(platform, "SQL", "verify")).printed, /✖ last run of pianos/);
  });
});
