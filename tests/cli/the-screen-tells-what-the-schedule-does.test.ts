import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { tellSchedule } from "../../cli/schedule-lines.ts";
import { clearFaults, lastRun, smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("while npm start stays up, what happens on schedule is a line each", async (test) => {
  await using platform = await smallShop();
  const { sql, double } = platform;
  await sync(platform, "clients");
  const lines: string[] = [];
  await using _told = await tellSchedule(platform.databaseUrl, (line) => lines.push(line), 20);
  /** The next line, without its time. If what came before gave a line, that is it. */
  const next = async () => {
    for (let tries = 0; lines.length === 0 && tries < 500; tries++) await delay(20);
    return lines.shift()?.replace(/\d\d:\d\d UTC/, "00:00 UTC");
  };

  await test.step("a run that changes something", async () => {
    await sync(platform, "clients");
    double.order({
      kind: "edit",
      id: "cli_HbEwl9rN11pSuDEU",
      fields: { companyName: "Place\u001b[2J des\nArts" },
    });
    await sync(platform, "clients");
    assert.equal(
      await next(),
      "  00:00 UTC  clients: 1 updated",
      "and not the one before, which changed nothing",
    );
  });

  await test.step("one that trips, one that fails", async () => {
    double.order({ kind: "subset" });
    await sync(platform, "clients");
    const id = (await lastRun(platform))?.id;
    assert.equal(
      await next(),
      `✖ 00:00 UTC  clients: tripped, the plan of run ${id} would lose too much, so nothing ` +
        `was written: etiquette run ${id}`,
    );
    await clearFaults(platform);
    double.order({ kind: "server_error", status: 503, field: "allClients", times: "always" });
    await sync(platform, "clients");
    assert.equal(
      await next(),
      `✖ 00:00 UTC  clients: failed, Gazelle answered 503: etiquette run ${Number(id) + 1}`,
    );
    await clearFaults(platform);
  });

  await test.step("not what a person runs, who sees it himself", async () => {
    const headers = { apikey: platform.secretKey };
    assert.equal((await sync(platform, "users", { headers })).body.status, "complete");
    await sync(platform, "clients", { body: '{"dry_run": true}' });
  });

  await test.step("a call that reaches no function, and work in the database that fails", async () => {
    await sql`insert into sync.calls (job, answered_at, outcome, error)
      values ('pianos', clock_timestamp(), 'failed', ${"answered 401: no\nkey \u202e"})`;
    assert.equal(await next(), "✖ 00:00 UTC  pianos: answered 401: no\\nkey \\u202e: etiquette schedule");
    await sql`select sync.note_call('clean-up', 'out of space')`;
    assert.equal(await next(), "✖ 00:00 UTC  clean-up: out of space: etiquette schedule");
  });

  await test.step("a pass of detection that sets badges, and not one that sets none", async () => {
    for (const [id, badges] of [[1, 0], [2, 3]] as const) {
      await sql`insert into sync.calls (job, request_id) values ('detect-pls', ${id})`;
      await sql`insert into net._http_response (id, status_code, content, timed_out, created)
        values (${id}, 200, ${
        `{"badges_set": ${badges}, "badges_taken": 0, "badges_held": 1}`.replace("1", badges ? "1" : "0")
      },
          false, clock_timestamp())`;
    }
    assert.equal(await next(), "  00:00 UTC  detect-pls: 3 badges set, 1 badges held back");
  });

  await test.step("an alert that is about no run", async () => {
    await sql`select sync.raise_job_alert('verify', 'verification_failed', '2 checks differ', null, null)`;
    assert.equal(await next(), "✖ 00:00 UTC  verify verification_failed: 2 checks differ: etiquette doctor");
    assert.deepEqual(lines, [], "each once");
  });
});
