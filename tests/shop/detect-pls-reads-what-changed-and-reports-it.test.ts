import assert from "node:assert/strict";
import type postgres from "postgres";
import { createClient } from "@supabase/supabase-js";
import { detect } from "../../supabase/functions/_shared/shop/detection.ts";
import { handle } from "../../supabase/functions/detect-pls/handler.ts";
import { type LocalPlatform, localPlatform } from "../fixtures/local.ts";

Deno.test("detect-pls reads what changed and reports it", async (test) => {
  await using platform = await localPlatform({ prepare: fewNotes });
  const badges = async () =>
    (await platform.sql`select external_id from gazelle_pianos where dampp_chaser_installed order by 1`)
      .map(({ external_id }) => external_id);

  for (const [who, key] of [["nobody", ""], ["the public", platform.publishableKey]] as const) {
    await test.step(`${who} may not: 401`, async () => {
      assert.equal((await call(platform, {}, key ? { apikey: key } : {})).status, 401);
    });
  }
  await test.step("a GET, an unknown option, a body that is no JSON: refused", async () => {
    const get = await call(platform, { method: "GET" });
    assert.deepEqual([get.status, get.body.error.code], [405, "request_invalid"]);
    for (const body of ['{"force": true}', '{"dry_run": "yes"}', "full"]) {
      const { status, body: { error } } = await call(platform, { body });
      assert.deepEqual([status, error.code], [400, "request_invalid"]);
      assert.ok(error.details.length > 0 && error.hint.length > 0, error.details);
    }
  });
  await test.step("a dry run reports and changes nothing", async () => {
    const { status, body } = await call(platform, { body: '{"dry_run": true}' });
    assert.deepEqual([status, body.badges_set, body.left, body.mark], [200, 2, 0, null]);
    assert.deepEqual(await badges(), []);
  });
  await test.step("a pass sets the badges, and the next has nothing to do", async () => {
    const { status, body } = await call(platform);
    assert.deepEqual([status, body.pianos, body.badges_set, body.left], [200, 3, 2, 0]);
    assert.deepEqual(await badges(), ["ins_1", "ins_2"]);
    const again = await call(platform, { body: "{}" });
    assert.deepEqual([again.status, again.body.pianos], [200, 0]);
  });
  await test.step("a full pass reads all of them again", async () => {
    const { body } = await call(platform, { body: '{"full_pass": true}' });
    assert.deepEqual([body.pianos, body.notes_read, body.evidence_added], [3, 3, 0]);
  });
  await test.step("pls_explain answers through the API, also that there is no such piano", async () => {
    const api = createClient(platform.url, platform.secretKey);
    const { data } = await api.rpc("pls_explain", { piano: "ins_2" });
    assert.deepEqual([data?.[0].decides, data?.[0].says, data?.[0].rule], [true, "for", "upkept"]);
    const { error, status } = await api.rpc("pls_explain", { piano: "ins_9" });
    assert.deepEqual([status, error?.code, error?.message], [404, "PT404", "there is no piano 'ins_9'"]);
  });
});

Deno.test("detect-pls goes on slice by slice, and says what is left when time is up", async () => {
  const calls: Record<string, unknown>[] = [];
  const report = { pianos: 2, notes_read: 3, evidence_added: 1, evidence_removed: 0, badges_set: 1 };
  const database = (left: number) => ({
    rpc(_name: string, args: Record<string, unknown>) {
      calls.push(args);
      const rest = {
        badges_taken: 0,
        badges_held: 0,
        overruled: 0,
        mark: 7,
        full_pass: true,
        dry_run: false,
      };
      return Promise.resolve({ data: { ...report, ...rest, left: left-- }, error: null });
    },
  });
  const total = await detect(database(2), { full_pass: true, dry_run: false }, () => false);
  assert.deepEqual([total.pianos, total.notes_read, total.badges_set, total.left], [6, 9, 3, 0]);
  assert.deepEqual(calls.map(({ full_pass }) => full_pass), [true, undefined, undefined]);

  let now = 0;
  const request = new Request("http://localhost", { method: "POST" });
  const response = await handle(request, { database: database(99), now: () => now += 10_000 });
  assert.equal(response.status, 202);
  assert.equal((await response.json()).left, 97);
});

Deno.test("detect-pls passes on why the database refused", async () => {
  const error = { code: "57014", message: "canceling statement due to statement timeout" };
  const database = { rpc: () => Promise.resolve({ data: null, error }) };
  const request = new Request("http://localhost", { method: "POST" });
  const response = await handle(request, { database, now: () => 0 });
  assert.equal(response.status, 500);
  const { error: { code, message, details, hint } } = await response.json();
  assert.deepEqual([code, message, details], [
    "database_failed",
    error.message,
    "SQLSTATE 57014 in detect_pls",
  ]);
  assert.match(hint, /Check that the database is up/);
});

async function call(platform: LocalPlatform, init: RequestInit = {}, headers?: HeadersInit) {
  const response = await fetch(`${platform.url}/functions/v1/detect-pls`, {
    method: "POST",
    headers: headers ?? { apikey: platform.cronKey },
    ...init,
  });
  return { status: response.status, body: await response.json() };
}

async function fewNotes(sql: postgres.Sql): Promise<void> {
  await sql`insert into gazelle_pianos (external_id) values ('ins_1'), ('ins_2'), ('ins_3')`;
  await sql`
    insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description) values
      ('tme_1', 'ins_1', '2024-01-01', 'SERVICE_ENTRY_MANUAL', 'PLS débranché'),
      ('tme_2', 'ins_2', '2024-01-01', 'SERVICE_ENTRY_MANUAL', 'Changé les buvards.'),
      ('tme_3', 'ins_3', '2024-01-01', 'SERVICE_ENTRY_MANUAL', 'Recommandé un PLS')`;
}
