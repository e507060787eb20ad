import assert from "node:assert/strict";
import { lastRun, smallShop, sync, versions } from "../fixtures/syncing.ts";

Deno.test("a dry run tells what the real one then does, and writes nothing", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  const dryRun = () => sync(platform, "pianos", { body: JSON.stringify({ dry_run: true }) });

  await test.step("of an empty table: everything would be inserted, with samples", async () => {
    const { status, body } = await dryRun();
    assert.deepEqual([status, body.status, body.counters.inserted], [200, "complete", 0]);
    assert.equal(body.plan?.insert, body.counters.total);
    assert.deepEqual(body.plan?.samples.map(({ effect }) => effect), Array(3).fill("inserted"));
    assert.equal((await sql`select from gazelle_pianos`).length, 0);
  });

  await sync(platform, "pianos");
  const rows = await sql<
    { external_id: string }[]
  >`select external_id from gazelle_pianos where make <> '' order by 1 limit 6`;
  const [edited, emptied, kept, settled, merged, gone] = rows.map((row) => row.external_id);
  await sql`update gazelle_pianos set notes = 'by hand' where external_id in (${kept!}, ${settled!})`;
  await sql`update gazelle_pianos set tags = '{mine}' where external_id = ${merged!}`;
  double.order({ kind: "edit", id: edited!, fields: { make: "Fazioli" } });
  double.order({ kind: "edit", id: emptied!, fields: { make: null } });
  double.order({ kind: "edit", id: kept!, fields: { notes: "theirs", location: "Studio" } });
  double.order({ kind: "edit", id: settled!, fields: { notes: "theirs" } });
  double.order({ kind: "edit", id: merged!, fields: { tags: ["theirs"] } });
  double.order({ kind: "delete", id: gone! });
  double.order({ kind: "insert", record: "piano", fields: { make: "Fazioli" } });
  const before = await versions(platform, "pianos");
  const { body: { plan, run_id } } = await dryRun();

  await test.step("of a changed shop: what would happen to each column, after ownership", () => {
    assert.ok(plan);
    const { insert, update, missing, lacking, columns } = plan;
    assert.deepEqual({ insert, update, missing, lacking }, { insert: 1, update: 5, missing: 0, lacking: 1 });
    const of = (column: string) => {
      const { filled, replaced, blanked, kept } = columns[column]!;
      return { filled, replaced, blanked, kept };
    };
    assert.deepEqual(of("make"), { filled: 0, replaced: 1, blanked: 1, kept: 0 });
    assert.deepEqual(of("notes"), { filled: 0, replaced: 0, blanked: 0, kept: 2 });
    assert.deepEqual(of("tags"), { filled: 1, replaced: 0, blanked: 0, kept: 0 });
    const sample = plan.samples.find(({ effect, column }) => effect === "blanked" && column === "make");
    assert.deepEqual([sample?.external_id, sample?.sent], [emptied, null]);
    assert.deepEqual(plan.samples.filter(({ effect }) => effect === "missing").map((s) => s.external_id), [
      gone,
    ]);
  });

  await test.step("nothing was written, and it is on record", async () => {
    assert.equal(await versions(platform, "pianos"), before);
    const run = await lastRun(platform);
    assert.deepEqual([run?.id, run?.dry_run, run?.status], [String(run_id), true, "complete"]);
    assert.equal((await sql`select from gazelle_pianos where missing_since is not null`).length, 0);
  });

  await test.step("the real run does just that", async () => {
    const { body } = await sync(platform, "pianos");
    const { inserted, updated, missing } = body.counters;
    assert.deepEqual({ insert: inserted, update: updated, missing }, { insert: 1, update: 5, missing: 0 });
    const [row] = await sql`select tags from gazelle_pianos where external_id = ${merged!}`;
    assert.deepEqual(row?.tags, ["mine", "theirs"]);
  });

  await test.step("what the last read lacked too is called missing: first by a dry run, then in truth", async () => {
    const { body } = await dryRun();
    assert.deepEqual([body.plan?.missing, body.plan?.lacking], [1, 1]);
    assert.equal((await sync(platform, "pianos")).body.counters.missing, 1);
  });
});
