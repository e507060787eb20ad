import assert from "node:assert/strict";
import type { SyncReport } from "../../cli/reports.ts";
import { until } from "../fixtures/processes.ts";
import { clearFaults, lastRun, smallShop, versions } from "../fixtures/syncing.ts";
import { begin, readLines, verb } from "./verbs.ts";

Deno.test("a sync from the command line", async (test) => {
  await using platform = await smallShop({ GAZELLE_TIMEOUT_MS: "60000" });
  const { sql, double } = platform;

  await test.step("runs before the first one: how to begin", async () => {
    const { code, printed } = await verb(platform, "URL and key", "runs");
    assert.deepEqual([code, printed], [0, "There was no run yet: etiquette sync starts one.\n"]);
  });

  await test.step("by URL and key, every stream that is due, in slices, with progress", async () => {
    await sql`update sync.settings set slice_milliseconds = 0`;
    const { code, printed, output } = await verb(platform, "URL and key", "sync", "--json");
    assert.equal(code, 0, output);
    const reports = readLines<SyncReport>({ code, printed, output });
    assert.equal(
      reports.map(({ stream }) => stream).join(),
      "users,clients,contacts,pianos,appointments,timeline",
    );
    assert.ok(reports.every(({ status, slices }) => status === "complete" && slices! > 1));
    assert.equal((await lastRun(platform))?.started_by, "key default");
    const { printed: shown, output: all } = await verb(platform, "folder", "sync", "clients");
    assert.match(shown, /clients │ complete │ +0 │ +0 │ +269/);
    assert.match(all, /clients: 50 of 269 read, slice 1\n/);
    await sql`update sync.settings set slice_milliseconds = 25000`;
  });

  await test.step("a dry run shows its plan and writes nothing", async () => {
    await sql`update gazelle_clients set tags = '{vip}' where external_id = 'cli_HbEwl9rN11pSuDEU'`;
    const before = await versions(platform, "clients");
    const { code, printed } = await verb(platform, "URL and key", "sync", "clients", "--dry-run");
    assert.equal(code, 0);
    assert.match(printed, /tags +│ +0 │ +0 │ +0 │ +1 /);
    assert.match(printed, /kept tags of cli_HbEwl9rN11pSuDEU: \["vip"\] stands/);
    assert.equal(await versions(platform, "clients"), before);
  });

  await test.step("a run that trips ends with 1, and the allowance it names lets it pass", async () => {
    double.order({ kind: "subset", field: "allClients", times: "always" });
    const tripped = await verb(platform, "URL and key", "sync", "clients");
    assert.equal(tripped.code, 1);
    assert.match(tripped.printed, /clients │ tripped .*✖ clients: the plan of run \d+ would lose too much/s);
    const allowed = await verb(platform, "URL and key", "sync", "clients", "--allow", "lose");
    assert.match(allowed.printed, /clients │ complete/);
    await clearFaults(platform);
  });

  await test.step("a run that saw too little is partial: 1, and where to look", async () => {
    double.order({ kind: "subset", field: "allClients", times: 2 });
    const { code, printed } = await verb(platform, "folder", "sync", "clients");
    assert.equal(code, 1, printed);
    assert.match(
      printed,
      /clients │ partial .*✖ clients: \d+ of 269 read, or a check failed: etiquette run \d+ /s,
    );
    await clearFaults(platform);
  });

  await test.step("Ctrl-C pauses the run, ends with 130, and the next sync goes on with it", async () => {
    await sql`update sync.settings set stage_rows = 50`;
    double.order({ kind: "timeout", field: "allPianos", page: 3 });
    const run = begin(platform, "URL and key", ["sync", "pianos"]);
    let fetched = 0;
    const looking = setInterval(() => void lastRun(platform).then((last) => fetched = last?.fetched), 20);
    await until(() => fetched === 50).finally(() => clearInterval(looking));
    run.signal("SIGINT");
    assert.equal(await run.ended, 130, run.output());
    const paused = await lastRun(platform);
    assert.deepEqual([paused?.stream, paused?.status], ["pianos", "paused"]);
    assert.match(
      run.output(),
      /Run \d+ is paused after 50 of 206 read: etiquette sync pianos goes on with it/,
    );
    const [report] = readLines<SyncReport>(await verb(platform, "URL and key", "sync", "pianos", "--json"));
    assert.deepEqual([report?.run_id, report?.status], [Number(paused?.id), "complete"]);
  });
});
