import assert from "node:assert/strict";
import { countStanding, editByHand, type ManualValue } from "../../cli/manual-values.ts";
import { setBadges, tagInstitutions } from "../../cli/people.ts";
import type { TestPlatform } from "../fixtures/platform.ts";
import { clearFaults, lastRun, smallShop, sync, versions } from "../fixtures/syncing.ts";

const tables = { clients: "gazelle_clients", pianos: "gazelle_pianos" };
const copies = { clients: "unprotected_clients", pianos: "unprotected_pianos" };

Deno.test("the incident, on tables that nobody protects", async (test) => {
  await using platform = await smallShop({ GAZELLE_PAGE_SIZE: "100" }, 1);
  const { sql } = platform;
  await sync(platform, "clients");
  await sync(platform, "pianos");
  await tagInstitutions(sql);
  await setBadges(sql, platform.double.shop);
  await editByHand(sql);
  const values = await sql<ManualValue[]>`
    select tbl::text, col, key, element, value from ownership.claims where not removed`;
  const before = await countStanding(sql, values, tables);
  await pointAtCopies(platform);

  await test.step("clients: tripped before anything is written, by the tags", async () => {
    const { status, body } = await sync(platform, "clients");
    assert.deepEqual([status, body.status, body.error?.code], [422, "tripped", "run_tripped"]);
    assert.match(body.error?.details ?? "", /^blank:tags: \d+ of \d+, allowed are 10\.0 %$/m);
    assert.match(body.error?.hint ?? "", /\{"allow": \["blank:tags"/);
    assert.ok((body.plan?.columns.tags?.blanked ?? 0) >= 5);
  });

  await test.step("pianos: tripped by the badges, which false would take", async () => {
    const { status, body } = await sync(platform, "pianos");
    assert.deepEqual([status, body.status], [422, "tripped"]);
    assert.match(body.error?.details ?? "", /^blank:dampp_chaser_installed: 340 of 436,/m);
    assert.equal((await lastRun(platform))?.status, "tripped");
  });

  await test.step("every manual value stands", async () => {
    assert.deepEqual(await countStanding(sql, values, copies), before);
  });

  await test.step("allowed by name, a run goes through, once", async () => {
    const allow = ["blank:tags", "blank:dampp_chaser_installed", "blank:notes", "replace:location"];
    const { status, body } = await sync(platform, "pianos", { body: JSON.stringify({ allow }) });
    assert.deepEqual([status, body.status, body.error], [200, "complete", null]);
    const after = await countStanding(sql, values, copies);
    assert.equal(after.kinds["PLS badges"], 0);
    assert.equal(after.kinds["Institutions tagged"], 5);
    await sql`update unprotected_pianos set dampp_chaser_installed = true`;
    assert.equal((await sync(platform, "pianos")).body.status, "tripped");
  });
});

Deno.test("a technician's token, which sees half of the shop", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "clients");
  double.order({ kind: "subset", share: 0.5 });
  const before = await versions(platform, "clients");

  await test.step("trips the run, and nothing is marked missing", async () => {
    const { status, body } = await sync(platform, "clients");
    assert.deepEqual([status, body.status, body.counters.missing], [422, "tripped", 0]);
    assert.match(body.error?.details ?? "", /^lose: \d+ of \d+, allowed are 5\.0 %$/);
    assert.equal(await versions(platform, "clients"), before);
  });

  await test.step("a dry run says so too, and alarms nobody", async () => {
    const { status, body } = await sync(platform, "clients", { body: JSON.stringify({ dry_run: true }) });
    assert.deepEqual([status, body.status], [422, "tripped"]);
    assert.deepEqual(body.plan?.samples.map(({ effect }) => effect), Array(3).fill("missing"));
    assert.deepEqual((await sql`select kind, times from sync.alerts`).map((a) => ({ ...a })), [
      { kind: "run_tripped", times: 1 },
    ]);
  });

  await test.step("with the right one the next run is complete", async () => {
    await clearFaults(platform);
    assert.equal((await sync(platform, "clients")).body.status, "complete");
  });

  await test.step("a loss within the stream's share passes", async () => {
    await sql`update sync.streams set max_missing = 0.6 where stream = 'clients'`;
    double.order({ kind: "subset", share: 0.5 });
    assert.equal((await sync(platform, "clients")).body.status, "complete");
    const { body } = await sync(platform, "clients");
    assert.equal(body.status, "complete");
    assert.ok((body.counters.missing ?? 0) > 100);
  });
});

/** Copies of the tables as they stand, with the sync's grants, and nothing that protects them. */
async function pointAtCopies({ sql }: TestPlatform): Promise<void> {
  for (const [stream, copy] of Object.entries(copies)) {
    const table = tables[stream as keyof typeof tables];
    await sql`create table ${sql(copy)} (like ${sql(table)} including all)`;
    await sql`insert into ${sql(copy)} select * from ${sql(table)}`;
    const columns = await sql<{ name: string }[]>`select name from sync.columns_of(${table}::text::regclass)`;
    const names = columns.map(({ name }) => name).join(", ");
    await sql.unsafe(`
      grant select, insert (external_id, ${names}), update (${names}, missing_since)
      on ${copy} to gazelle_sync`);
    await sql`update sync.streams set target = ${copy}::text::regclass where stream = ${stream}`;
  }
}
