import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createScheduler } from "../../local/scheduler.ts";
import { type TestPlatform, testPlatform } from "../fixtures/platform.ts";
import { type Warehouse, warehouse } from "../fixtures/second-source/warehouse.ts";
import { sync } from "../fixtures/syncing.ts";

const folder = new URL("../fixtures/second-source/", import.meta.url);

/** The local platform with a depot beside Gazelle: its SQL file, its TypeScript file, its wiring. */
async function shopWithDepot(depot: Warehouse): Promise<TestPlatform> {
  const declared = await readFile(new URL("depot.sql", folder), "utf8");
  return await testPlatform({
    scale: 0.2,
    functions: fileURLToPath(new URL("functions", folder)),
    prepare: (sql) => sql.unsafe(declared).simple(),
    environment: {
      DEPOT_URL: depot.url,
      DEPOT_API_KEY: depot.key,
      DEPOT_PAGE_SIZE: "20",
      DEPOT_PAUSE_MS: "0",
      DEPOT_RETRIES: "2",
      DEPOT_BACKOFF_MS: "1",
      GAZELLE_PAUSE_MS: "0",
    },
  });
}

Deno.test("a second source", async (test) => {
  await using depot = await warehouse(90);
  await using platform = await shopWithDepot(depot);
  const { sql } = platform;
  const call = (body = {}) => sync(platform, "instruments", { body: JSON.stringify(body) });
  const row = async (id: string) => {
    const [found] =
      await sql`select kind, maker, shelf, labels from depot_instruments where external_id = ${id}`;
    return { ...found };
  };

  await test.step("is read page by page, and lands in its table", async () => {
    const { status, body } = await call();
    assert.deepEqual([status, body.status, body.error], [200, "complete", null]);
    assert.deepEqual([body.counters.inserted, depot.requests], [90, 5]);
    assert.deepEqual(await row("ins-0001"), {
      kind: "harp",
      maker: "Maker 1",
      shelf: "A1",
      labels: ["to be tuned"],
    });
  });

  await test.step("what is known of it is not compared again, and what people wrote stays", async () => {
    await sql`update depot_instruments set shelf = 'Salle A', labels = labels || '{loan}' where external_id = 'ins-0001'`;
    Object.assign(depot.instruments[1]!, { maker: "Érard", shelf: "B7", labels: ["restored"] });
    const { body } = await call();
    assert.deepEqual([body.counters.unchanged, body.counters.updated, body.counters.kept], [89, 1, 2]);
    assert.deepEqual(await row("ins-0001"), {
      kind: "harp",
      maker: "Érard",
      shelf: "Salle A",
      labels: ["loan", "restored"],
    });
  });

  await test.step("a dry run plans, and writes nothing", async () => {
    depot.instruments[2]!.kind = "piano";
    const { body } = await call({ dry_run: true });
    assert.deepEqual(body.plan?.columns.kind?.replaced, 1);
    assert.equal((await row("ins-0002")).kind, "organ");
  });

  await test.step("a record that is none is quarantined; what an answer does not have is left alone", async () => {
    depot.instruments.push({ id: "ins-9000", built: "vers 1921" as unknown as number });
    delete depot.instruments[3]!.maker;
    const { body } = await call();
    assert.deepEqual([body.status, body.counters.rejected], ["complete", 1]);
    assert.equal((await row("ins-0003")).maker, "Maker 3");
    depot.instruments.pop();
  });

  await test.step("values that would be lost trip the run", async () => {
    const before = depot.instruments.map((one) => ({ ...one }));
    for (const one of depot.instruments) one.maker = null;
    const { status, body } = await call();
    assert.deepEqual([status, body.error?.code], [422, "run_tripped"]);
    assert.match(body.error?.hint ?? "", /blank:maker/);
    depot.instruments = before;
  });

  await test.step("a run is taken back", async () => {
    depot.instruments[4]!.kind = "celesta";
    const { body } = await call();
    assert.equal((await row("ins-0004")).kind, "celesta");
    await sql`select sync_revert_run(${body.run_id}, dry_run => false)`;
    assert.equal((await row("ins-0004")).kind, "harp");
  });

  await test.step("runs on schedule", async () => {
    await using scheduler = createScheduler(platform.databaseUrl);
    await sql`select sync.schedule('instruments', '40 * * * *')`;
    await scheduler.tick(new Date("2026-11-23T09:40:20Z"));
    const [run] = await sql`select stream, status, started_by from sync.runs order by id desc limit 1`;
    assert.deepEqual({ ...run }, { stream: "instruments", status: "complete", started_by: "key cron" });
  });

  await test.step("its faults have its name, and what helps is tried", async () => {
    depot.faults = [{ status: 503 }, { status: 429, headers: { "retry-after": "0" } }];
    assert.equal((await call()).body.status, "complete");
    depot.faults = [{ status: 404 }];
    const { status, body } = await call();
    assert.deepEqual([status, body.error?.code], [502, "depot_refused"]);
    assert.match(body.error?.message ?? "", /^the depot refused to list instruments \(HTTP 404\)$/);
    depot.faults = [{ status: 401 }];
    const { error } = (await call()).body;
    assert.deepEqual([error?.code, error?.hint], [
      "depot_unauthorized",
      "Ask the depot for a new key, and set DEPOT_API_KEY.",
    ]);
  });

  await test.step("in a call of every stream its fault keeps no stream of another source from its run", async () => {
    // The depot had its run in this round already.
    await sync(platform, "all");
    depot.faults = [{ status: 401 }];
    const { status, body } = await sync(platform, "all");
    const { reports, waiting } = body as unknown as {
      reports: { stream: string; status: string }[];
      waiting: string[];
    };
    assert.equal(status, 502);
    assert.deepEqual(reports.map(({ stream, status }) => `${stream} ${status}`).slice(0, 3), [
      "instruments failed",
      "users complete",
      "clients complete",
    ]);
    assert.ok(!waiting.includes("users"));
  });
});

Deno.test("wrong settings of a second source are all named, on the record of the run", async () => {
  await using depot = await warehouse(1);
  await using platform = await shopWithDepot({ ...depot, url: "ftp://depot", key: "short" });
  const { status, body } = await sync(platform, "instruments");
  assert.deepEqual([status, body.error?.code], [500, "settings_invalid"]);
  assert.equal(body.error?.message, "the settings for the depot are not usable");
  assert.deepEqual(body.error?.details?.split("\n").toSorted(), [
    "DEPOT_API_KEY is too short to be one",
    "DEPOT_URL must be an https URL",
  ]);
});
