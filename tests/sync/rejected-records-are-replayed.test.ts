import assert from "node:assert/strict";
import { clearFaults, countRequests, smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("rejected records are staged again once they are fixed", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "pianos");
  const rows = await sql<
    { external_id: string }[]
  >`select external_id from gazelle_pianos order by 1 limit 2`;
  const [one, other] = [rows[0]!.external_id, rows[1]!.external_id];
  const breakRecord = (record: string, path: string, value: string) =>
    double.order({ kind: "malformed_record", field: "allPianos", times: "always", record, path, value });
  const stored = async (id: string) =>
    (await sql`select make, year, to_char(updated_at, 'YYYY') as updated from gazelle_pianos where external_id = ${id}`)[
      0
    ];
  breakRecord(one, "year", "neuf");
  // A date that validates, and that no timestamp of Postgres can hold.
  breakRecord(other, "updatedAt", "0000-01-01T00:00:00Z");
  double.order({ kind: "edit", id: one, fields: { make: "Bösendorfer" } });
  double.order({ kind: "edit", id: other, fields: { make: "Blüthner" } });
  const { body: { run_id } } = await sync(platform, "pianos");
  await clearFaults(platform);
  const rejected = await sql`select external_id from sync.rejected_records where run_id = ${run_id}`;
  assert.deepEqual(new Set(rejected.map(({ external_id }) => external_id)), new Set([one, other]));

  await test.step("not fixed, they are rejected again, and nothing is touched", async () => {
    await sql`select sync.replay_rejected(${run_id}::bigint)`;
    const { body } = await sync(platform, "pianos");
    const { rejected, updated, missing } = body.counters;
    assert.deepEqual({ rejected, updated, missing }, { rejected: 2, updated: 0, missing: 0 });
    assert.notEqual((await stored(one))?.make, "Bösendorfer");
  });

  await test.step("fixed, they arrive, by a run that reads nothing else and misses nothing", async () => {
    const [last] = await sql`select max(run_id) as id from sync.rejected_records`;
    await sql`
      update sync.rejected_records
      set payload = replace(replace(payload::text, '"neuf"', '1921'), '0000-01-01', '2020-01-01')::json
      where run_id = ${last!.id}`;
    await sql`select sync.replay_rejected(${last!.id}::bigint)`;
    const asked = await countRequests(platform);
    const { body } = await sync(platform, "pianos");
    const { total, rejected, updated, missing } = body.counters;
    assert.deepEqual([body.status, { total, rejected, updated, missing }], [
      "complete",
      { total: 2, rejected: 0, updated: 2, missing: 0 },
    ]);
    assert.equal(await countRequests(platform), asked, "Gazelle is not asked");
    assert.deepEqual({ ...await stored(one) }, { ...await stored(one), make: "Bösendorfer", year: 1921 });
    assert.deepEqual([(await stored(other))?.make, (await stored(other))?.updated], ["Blüthner", "2020"]);
  });

  await test.step("twice is refused, and so is what a later run has read anew", async () => {
    const ids = (await sql`select array_agg(id) as ids from sync.rejected_records`)[0]?.ids as string[];
    await assert.rejects(sql`select sync.replay_rejected(${ids}::bigint[])`, { code: "PT404" });
    breakRecord(one, "year", "neuf");
    const broken = await sync(platform, "pianos");
    await clearFaults(platform);
    await sync(platform, "pianos");
    await assert.rejects(sql`select sync.replay_rejected(${broken.body.run_id}::bigint)`, { code: "PT404" });
  });
});
