import assert from "node:assert/strict";
import type { Rejected } from "../../cli/commands/rejected.ts";
import type { Restored } from "../../cli/commands/restore.ts";
import type { Reverted } from "../../cli/commands/revert.ts";
import type { Status } from "../../cli/status.ts";
import { clearFaults, lastRun, smallShop, sync } from "../fixtures/syncing.ts";
import { readLines, verb } from "./verbs.ts";

const client = "cli_HbEwl9rN11pSuDEU";

Deno.test("restore, revert, rejected and verify", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "clients");
  await sync(platform, "pianos");
  const [piano, broken] = (await sql`
    select external_id from gazelle_pianos where make <> '' and location <> '' order by 1 limit 2`)
    .map(({ external_id }) => external_id);
  const makeNow = async () =>
    (await sql`select make from gazelle_pianos where external_id = ${piano}`)[0]?.make;
  const make = await makeNow();
  double.order({ kind: "edit", id: piano, fields: { make: "Bösendorfer" } });
  const bad = { kind: "malformed_record", record: broken, path: "year", value: "vers 1921" } as const;
  double.order({ ...bad, field: "allPianos", times: "always" });
  await sync(platform, "pianos");
  await clearFaults(platform);

  await test.step("revert by URL and key: a dry run first, then it is done", async () => {
    const dry = await verb(platform, "URL and key", "revert", "3");
    assert.equal(dry.code, 0, dry.output);
    assert.match(dry.printed, /make +│ put back │ "Bösendorfer"/);
    assert.match(dry.printed, /Nothing is written yet: --apply does it\./);
    assert.equal(await makeNow(), "Bösendorfer");
    const [done] = readLines<Reverted>(
      await verb(platform, "URL and key", "revert", "3", "--apply", "--json"),
    );
    assert.deepEqual([done?.dry_run, done?.actions["put back"]], [false, 2]);
    assert.equal(await makeNow(), make);
    assert.match((await verb(platform, "SQL", "revert", "99")).output, /there is no run 99 \(PT404\)/);
  });

  await test.step("rejected: listed alike both ways, replayed by URL and key", async () => {
    const [record] = readLines<Rejected>(await verb(platform, "URL and key", "rejected", "--json"));
    assert.deepEqual(readLines(await verb(platform, "SQL", "rejected", "3", "--json")), [record]);
    assert.deepEqual([record?.external_id, record?.path, record?.is_replayable], [broken, "year", true]);
    const { printed } = await verb(platform, "SQL", "rejected");
    assert.match(printed, /│ year +│ .*expected number.*│ can be/);
    await sql`update sync.rejected_records set payload = jsonb_set(payload::jsonb, '{year}', '1921')::json`;
    const runs = async () => (await lastRun(platform))?.id;
    const before = await runs();
    assert.match((await verb(platform, "SQL", "rejected", "3", "--replay")).output, /\(no_url\)/);
    assert.equal(await runs(), before, "who cannot carry a replay out does not begin it");
    const replayed = await verb(platform, "URL and key", "rejected", "3", "--replay");
    assert.equal(replayed.code, 0, replayed.output);
    assert.equal((await lastRun(platform))?.is_replay, true);
    const [row] = await sql`select year from gazelle_pianos where external_id = ${broken}`;
    assert.equal(row?.year, 1921);
    const again = await verb(platform, "URL and key", "rejected", "--replay");
    assert.deepEqual([again.code, /there is nothing to replay \(PT404\)/.test(again.output)], [1, true]);
    assert.equal((await verb(platform, "SQL", "rejected")).printed, "No record was rejected.\n");
  });

  // Neither the schedule nor every stream is at work here, so that the shop is never well.
  const valuesLost = async (by: "SQL" | "URL and key") => {
    const [status] = readLines<Status>(await verb(platform, by, "verify", "--json"));
    return status!.findings.filter(({ code }) => code === "values_lost");
  };
  let mark = 0;
  await test.step("verify, by URL and key as by SQL, tells a loss past the triggers", async () => {
    await sql`update gazelle_clients set tags = '{vip}', personal_notes = 'Porte 3' where external_id = ${client}`;
    [{ mark }] = await sql`select ownership.mark('before the loss')::integer as mark` as [
      { mark: number },
    ];
    assert.deepEqual(await valuesLost("URL and key"), []);
    await sql`alter table gazelle_clients disable trigger user`;
    await sql`update gazelle_clients set tags = '{}', personal_notes = null where external_id = ${client}`;
    await sql`select ownership.repair('gazelle_clients')`;
    assert.equal((await verb(platform, "URL and key", "verify")).code, 1);
    const found = await valuesLost("URL and key");
    assert.deepEqual(found.map(({ expected, found }) => expected! - found!), [2]);
    assert.deepEqual(found, await valuesLost("SQL"));
  });

  await test.step("restore: a dry run, one column of one row, then all by the mark", async () => {
    const to = ["restore", "--mark", String(mark)];
    assert.match((await verb(platform, "URL and key", ...to)).output, /restore needs a person's rank/);
    const dry = await verb(platform, "SQL", ...to);
    assert.match(dry.printed, /would restore: 2\nNothing is written yet/, dry.output);
    const scope = ["--table", "gazelle_clients", "--column", "tags", "--key", client];
    const [one] = readLines<Restored>(await verb(platform, "SQL", ...to, ...scope, "--apply", "--json"));
    assert.deepEqual(one?.cells.map(({ column, action }) => [column, action]), [["tags", "restored"]]);
    assert.match((await verb(platform, "SQL", ...to, "--apply")).printed, /restored: 1/);
    assert.deepEqual(await valuesLost("SQL"), []);
  });

  await test.step("restore by run, time and client; and what it does not take", async () => {
    const later = await verb(platform, "SQL", "restore", "--run", "3");
    assert.equal(later.code, 0, later.output);
    await sql`select ownership.mark('all is well')`;
    // A mark has microseconds, and a Date has not: within the same millisecond it would be later than now.
    const now = new Date(Date.now() + 1).toISOString();
    const nothing = await verb(platform, "SQL", "restore", "--time", now, "--client", client);
    assert.match(nothing.printed, /^Every manual value is what it was at mark \d+\.\n/, nothing.output);
    for (
      const [code, words, says] of [
        [2, [], /name the point to go back to: --now, --mark, --run or --time/],
        [2, ["--mark", "1", "--run", "2"], /cannot be used with option/],
        [2, ["--time", "yesterday"], /It must be a time as 2026-01-19T05:00Z/],
        [1, ["--mark", "999"], /\(OW012\)/],
        [1, ["--run", "99"], /there is no run 99 \(PT404\)/],
        [1, ["--mark", "1", "--client", "cli_0"], /there is no client 'cli_0' \(PT404\)/],
        [1, ["--mark", "1", "--table", "gazelle_users", "--column", "email"], /\(OW008\)/],
      ] as const
    ) {
      const refused = await verb(platform, "SQL", "restore", ...words);
      assert.equal(refused.code, code, refused.output);
      assert.match(refused.output, says);
    }
  });
});
