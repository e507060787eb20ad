import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { startGazelleDouble } from "../../gazelle-double/server.ts";
import { startPlatform } from "../../local/platform.ts";
import { createScheduler } from "../../local/scheduler.ts";
import { harness } from "../fixtures/database.ts";
import { type Instrument, type Warehouse, warehouse } from "../fixtures/depot/warehouse.ts";
import { doubleEnvironment } from "../../cli/source.ts";

const folder = new URL("../fixtures/depot/", import.meta.url);

const instrument = (_: unknown, index: number): Instrument => ({
  id: `d${index}`,
  make: `Maker ${index % 7}`,
  model: ["A", "B", "C"][index % 3]!,
  shelf: `S${index % 12}`,
  tags: ["stored"],
});

/** A platform with a server of its own, for a role of the Depot belongs to the whole server; both sources are there. */
async function platformWith(depot: Pick<Warehouse, "url" | "key">) {
  await using stack = new AsyncDisposableStack();
  const double = await startGazelleDouble({ port: 0, scale: 0.2 });
  stack.defer(() => double.stop());
  const data = await mkdtemp(`${tmpdir()}/etiquette-depot-`);
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const platform = await startPlatform({
    folder: data,
    ports: { api: 0, database: 0 },
    migrations: harness().migrations,
    functions: fileURLToPath(new URL("functions", folder)),
    environment: { ...doubleEnvironment(double), GAZELLE_PAUSE_MS: "0", ...settingsOf(depot) },
  });
  stack.defer(() => platform.stop());
  const sql = postgres(platform.databaseUrl, { max: 2, onnotice: () => {} });
  stack.defer(() => sql.end());
  await sql.unsafe(await readFile(new URL("depot.sql", folder), "utf8")).simple();
  const owned = stack.move();
  return { ...platform, sql, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function settingsOf({ url, key }: Pick<Warehouse, "url" | "key">): Record<string, string> {
  return {
    DEPOT_URL: url,
    DEPOT_API_KEY: key,
    DEPOT_PAGE_SIZE: "20",
    DEPOT_PAUSE_MS: "0",
    DEPOT_RETRIES: "2",
    DEPOT_BACKOFF_MS: "1",
  };
}

Deno.test("a source over HTTP: one TypeScript file, and a function of two lines", async (test) => {
  await using depot = await warehouse(Array.from({ length: 90 }, instrument));
  await using platform = await platformWith(depot);
  const { sql } = platform;
  const call = async (name = "instruments", body = {}) => {
    const request = { method: "POST", headers: { apikey: platform.cronKey }, body: JSON.stringify(body) };
    const response = await fetch(`${platform.url}/functions/v1/sync-${name}`, request);
    return { status: response.status, body: await response.json() };
  };
  const row = async (id: string) => {
    const [found] =
      await sql`select make, model, shelf, tags from depot_instruments where external_id = ${id}`;
    return { ...found };
  };

  await test.step("it is read page by page, and lands in its table", async () => {
    const { status, body } = await call();
    assert.deepEqual([status, body.status, body.counters.inserted, depot.requests], [200, "complete", 90, 5]);
    assert.deepEqual(await row("d1"), { make: "Maker 1", model: "B", shelf: "S1", tags: ["stored"] });
  });

  await test.step("what is known is not compared again, and what people wrote stays", async () => {
    await sql`update depot_instruments set shelf = 'Salle A', tags = tags || '{mine}' where external_id = 'd1'`;
    Object.assign(depot.instruments[1]!, { make: "Érard", shelf: "Z9", tags: ["lent"] });
    const { counters } = (await call()).body;
    assert.deepEqual([counters.unchanged, counters.updated, counters.kept], [89, 1, 2]);
    assert.deepEqual(await row("d1"), {
      make: "Érard",
      model: "B",
      shelf: "Salle A",
      tags: ["mine", "lent"],
    });
  });

  await test.step("a bad record is quarantined, and a field that is not sent keeps its column", async () => {
    depot.instruments.push({ id: "d900", make: 1921 as unknown as string });
    delete depot.instruments[3]!.make;
    const { body } = await call();
    assert.deepEqual([body.status, body.counters.rejected], ["complete", 1]);
    assert.equal((await row("d3")).make, "Maker 3");
    depot.instruments.pop();
  });

  await test.step("a dry run plans, the breaker trips, and a run is taken back", async () => {
    depot.instruments[4]!.make = "Blüthner";
    const planned = await call("instruments", { dry_run: true });
    assert.equal(planned.body.plan.columns.make.replaced, 1);
    const { run_id } = (await call()).body;
    assert.equal((await row("d4")).make, "Blüthner");
    await sql`select sync_revert_run(${run_id}, dry_run => false)`;
    assert.equal((await row("d4")).make, "Maker 4");
    const before = depot.instruments;
    depot.instruments = before.map((one) => ({ ...one, model: null }));
    const { status, body } = await call();
    assert.deepEqual([status, body.error.code], [422, "run_tripped"]);
    depot.instruments = before;
  });

  await test.step("it runs on schedule", async () => {
    await using scheduler = createScheduler(platform.databaseUrl);
    await sql`select sync.schedule('instruments', '40 * * * *')`;
    await scheduler.tick(new Date("2026-11-23T09:40:20Z"));
    const [run] = await sql`select stream, status, started_by from sync.runs order by id desc limit 1`;
    assert.deepEqual({ ...run }, { stream: "instruments", status: "complete", started_by: "key cron" });
  });

  await test.step("its faults have its name, and those that may pass are tried again", async () => {
    depot.faults = [{ status: 503 }, { status: 429, headers: { "retry-after": "0" } }];
    assert.equal((await call()).body.status, "complete");
    depot.faults = [{ status: 404 }];
    const { status, body } = await call();
    assert.deepEqual([status, body.error.code], [502, "depot_refused"]);
    depot.faults = [{ status: 401 }];
    const { error } = (await call()).body;
    assert.equal(error.code, "depot_unauthorized");
    assert.equal(error.hint, "Ask the Depot for a new key, and set DEPOT_API_KEY.");
  });

  await test.step("in a call of all streams its fault keeps no stream of another source from its run", async () => {
    // The Depot had its run in this round already.
    await call("all");
    depot.faults = [{ status: 401 }];
    const { status, body } = await call("all");
    const outcomes = body.reports.map((one: { stream: string; status: string }) =>
      `${one.stream} ${one.status}`
    );
    assert.equal(status, 502);
    assert.deepEqual(outcomes.slice(0, 2), ["instruments failed", "users complete"]);
  });
});

Deno.test("wrong settings of a source are all named, on the record of the run", async () => {
  await using platform = await platformWith({ url: "ftp://depot", key: "short" });
  const response = await fetch(`${platform.url}/functions/v1/sync-instruments`, {
    method: "POST",
    headers: { apikey: platform.cronKey },
  });
  const { run_id, error } = await response.json();
  assert.deepEqual([response.status, error.code], [500, "settings_invalid"]);
  assert.deepEqual(error.details.split("\n").toSorted(), [
    "DEPOT_API_KEY is too short to be one",
    "DEPOT_URL must be an https URL",
  ]);
  const [run] = await platform.sql`select status from sync.runs where id = ${run_id}`;
  assert.equal(run?.status, "failed");
});
