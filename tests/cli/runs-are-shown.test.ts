import assert from "node:assert/strict";
import type { RunReport } from "../../cli/commands/run.ts";
import type { Answer } from "../../cli/calls.ts";
import type { SyncReport } from "../../cli/reports.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";
import { readLines, verb, type Way } from "./verbs.ts";

Deno.test("runs, run and invoke, by URL and key as by SQL", async (test) => {
  await using platform = await smallShop();
  await sync(platform, "clients");
  await platform.sql`update gazelle_clients set tags = '{vip}' where external_id = 'cli_HbEwl9rN11pSuDEU'`;
  await sync(platform, "clients");
  await sync(platform, "users");

  const both = async <T>(...words: string[]): Promise<T[]> => {
    const read = async (way: Way) => readLines<T>(await verb(platform, way, ...words, "--json"));
    const found = await read("URL and key");
    assert.deepEqual(await read("SQL"), found);
    return found;
  };

  await test.step("runs lists the newest first, and only the stream and the number asked for", async () => {
    const all = await both<SyncReport>("runs");
    assert.deepEqual(all.map(({ run_id, stream }) => [run_id, stream]), [[3, "users"], [2, "clients"], [
      1,
      "clients",
    ]]);
    const some = await both<SyncReport>("runs", "--stream", "clients", "--limit", "1");
    assert.deepEqual(some, [all[1]]);
    const { printed } = await verb(platform, "SQL", "runs");
    assert.match(printed, /2 │ clients │ complete │ \d{4}-\d\d-\d\d \d\d:\d\d │ +269 │ +0 │ +0 │ +1 │/);
  });

  await test.step("run shows counts, checks and what was kept", async () => {
    const [found] = await both<RunReport>("run", "2");
    assert.equal(found?.counters["kept"], 1);
    const records = { is_binding: true, expected: 269, found: 269, passed: true };
    assert.deepEqual(found?.checks["records_read"], records);
    assert.equal(found?.plan?.samples[0]?.effect, "kept");
    const { printed } = await verb(platform, "URL and key", "run", "2");
    assert.match(printed, /Run 2 of clients: complete\n/);
    assert.match(printed, /records_read +│ binding │ +269 │ +269 │ ok/);
    assert.match(printed, /kept tags of cli_HbEwl9rN11pSuDEU: \["vip"\] stands, /);
  });

  await test.step("invoke gives the answer as it is, and 1 for a refusal", async () => {
    const good = await verb(platform, "URL and key", "invoke", "sync-users", "--json");
    const [{ status, body }] = readLines<Answer>(good) as [Answer];
    assert.deepEqual([good.code, status, (body as SyncReport).stream], [0, 200, "users"]);
    const bad = await verb(platform, "folder", "invoke", "sync-users", "--body", '{"dryrun": true}');
    assert.equal(bad.code, 1);
    assert.match(bad.printed, /^400\n.*request_invalid/s);
    const none = await verb(platform, "URL and key", "invoke", "sync-users", "--body", "{dry");
    assert.equal(none.code, 2);
    assert.match(none.output, /It is no JSON: .*--body '\{"dry_run": true\}'/);
  });

  await test.step("a run, a stream and a function there are not", async () => {
    for (
      const [words, says] of [
        [["run", "99"], /there is no run 99 \(PT404\)\n {2}The newest is 4\./],
        [["runs", "--stream", "dogs"], /there is no stream dogs \(PT404\)\n {2}Streams: appointments, /],
        [["sync", "dogs"], /There is no stream dogs\. \(no_stream\)\n {2}Streams: users, /],
        [["invoke", "sync-dogs"], /has no function sync-dogs\. \(no_function\)/],
      ] as const
    ) {
      const { code, output } = await verb(platform, "URL and key", ...words);
      assert.equal(code, 1);
      assert.match(output, says);
    }
  });

  await test.step("run end ends a run that waits, whichever way it is reached", async () => {
    for (const way of ["SQL", "URL and key"] as const) {
      await platform.sql`
        select sync_pause_run(r.run_id, r.lease, '{}')
        from jsonb_to_record(sync_start_run('pianos', 'test')) r (run_id bigint, lease uuid)`;
      const [run] = await platform.sql<{ id: number }[]>`select max(id)::integer as id from sync.runs`;
      const ended = await verb(platform, way, "run", "end", String(run!.id));
      assert.deepEqual([ended.code, ended.output], [
        0,
        `Run ${run!.id} of pianos is ended, after 0 of ? records. etiquette sync pianos begins a new one.\n`,
      ]);
      const again = await verb(platform, way, "run", "end", String(run!.id), "--json");
      assert.equal(again.code, 1);
      assert.match(again.output, /"code":"PT409","message":"run \d+ is over: failed"/);
    }
  });
});
