import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type postgres from "postgres";
import { testDatabase } from "../fixtures/database.ts";

const depot = await readFile(new URL("../fixtures/depot/depot.sql", import.meta.url), "utf8");

/** One transaction, taken back at its end: a role belongs to the whole server, which other tests share. */
Deno.test("a second source, declared by one SQL file, is synced like Gazelle", async (test) => {
  await using database = await testDatabase();
  const undone = new Error("taken back");
  const all = database.sql.begin(async (sql) => {
    await sql.unsafe(depot);
    for (const [name, step] of Object.entries(steps)) await test.step(name, () => step(sql));
    throw undone;
  });
  await assert.rejects(all, undone);
});

const steps: Record<string, (sql: postgres.TransactionSql) => Promise<void>> = {
  "what was made for it is closed to everybody else": async (sql) => {
    const open = await sql`
      select o.name, r.role from unnest(array['anon', 'authenticated', 'service_role']) r (role)
      cross join lateral (
        select 'sync.wanted_instruments' as name
        where has_function_privilege(r.role, 'sync.wanted_instruments(text)', 'execute')
        union all
        select c.name from unnest(array['sync.staged_instruments', 'sync.known_instruments', 'sync.sources']) c (name)
        where has_table_privilege(r.role, c.name, 'select, insert, update, delete, truncate')
      ) o`;
    assert.deepEqual([...open], []);
  },

  "its records are inserted as its own role, and people's values are kept": async (sql) => {
    await sync(sql, [{ ...cello, tags: ["loan"] }, harp, lute], "complete");
    await as(
      sql,
      "manual_editor",
      "update depot_instruments set shelf = 'Z9', tags = '{loan,mine}' where external_id = 'd1'",
    );
    const counted = await sync(sql, [{ ...cello, model: "B", tags: ["sold"] }, harp, lute], "complete");
    assert.deepEqual([counted.counters.updated, counted.counters.kept], [1, 2]);
    assert.deepEqual(await row(sql, "d1"), { model: "B", shelf: "Z9", tags: ["mine", "sold"] });
    const [mark] = await sql`select m.writer, m.label from ownership.marks m order by m.id desc limit 1`;
    assert.deepEqual({ ...mark }, { writer: "depot_sync", label: "run instruments" });
    const blocked = await sql`select writer from ownership.blocked_writes where key = 'd1' and col = 'shelf'`;
    assert.deepEqual(blocked.map(({ writer }) => writer), ["depot_sync"]);
  },

  "a dry run tells what its policies keep out": async (sql) => {
    const { plan } = await sync(sql, [{ ...cello, model: "C", shelf: "A7" }, harp, lute], "complete", true);
    assert.deepEqual(plan!.columns, {
      model: { blanked: 0, filled: 0, kept: 0, replaced: 1, standing: 3 },
      shelf: { blanked: 0, filled: 0, kept: 1, replaced: 0 },
    });
  },

  "a run that would blank too much is tripped, and told under its name": async (sql) => {
    const bare = [cello, harp, lute].map((record) => ({ ...record, model: null }));
    const tripped = await sync(sql, bare, "tripped");
    assert.match(tripped.error!.details!, /^blank:model: 3 of 3, allowed are 30\.0 %$/);
    const alerts = await sql`select stream, kind from sync.alerts where resolved_at is null`;
    assert.deepEqual(alerts.map((one) => ({ ...one })), [{ stream: "instruments", kind: "run_tripped" }]);
  },

  "a run of it is taken back": async (sql) => {
    const { run_id } = await sync(sql, [{ ...cello, make: "Other" }, harp, lute], "complete");
    const reverted = await call(sql, `sync_revert_run(${run_id}, false)`);
    assert.deepEqual(reverted.actions, { "put back": 2 });
    const [standing] = await sql`select make from depot_instruments where external_id = 'd1'`;
    assert.equal(standing?.make, cello.make);
  },

  "its checks are counted": async (sql) => {
    const { checks } = await sync(sql, [{ ...cello, part_of: "d8" }, harp, lute], "complete");
    assert.deepEqual(checks!.parts_of_nothing, { expected: 0, found: 1, passed: false });
    assert.deepEqual(checks!.instruments_with_model, { expected: 2, found: 3, passed: true });
  },

  "its codes and its own check say when access is refused": async (sql) => {
    const kinds: string[] = [];
    for (const code of ["gazelle_unauthorized", "depot_unauthorized"]) {
      await sql`update sync.alerts set resolved_at = now()`;
      const { run_id, lease } = await call(sql, "sync_start_run('instruments', 'test')");
      await call(sql, `sync_fail_run(${run_id}, '${lease}', '{"code": "${code}", "message": "no"}', '{}')`);
      kinds.push(...(await openAlerts(sql)));
    }
    assert.deepEqual(kinds, ["run_failed", "token_refused"]);
    await sql`select vault.create_secret('old', 'depot_key')`;
    await sync(sql, [cello, harp, lute], "complete");
    await sql`select vault.create_secret('https://hooks.test/T', 'alert_webhook_url')`;
    const [{ posts }] = await sql<
      [{ posts: { body: { text: string } }[] }]
    >`select sync_read_alerts() as posts`;
    assert.deepEqual(
      posts.map(({ body }) => body.text).filter((text) => text.includes("Depot")),
      ["*Depot: token_expiring*\nthe key of the Depot is old"],
    );
    await sql`select gazelle.check_token()`;
    assert.ok((await openAlerts(sql)).includes("token_expiring"), "another source's check leaves it open");
  },

  "it is called on schedule": async (sql) => {
    await sql`select vault.create_secret('https://shop.test', 'project_url'), vault.create_secret('k', 'cron_secret_key')`;
    const [scheduled] = await sql`select schedule, active from sync.schedule('instruments')`;
    assert.deepEqual({ ...scheduled }, { schedule: "35 * * * *", active: true });
    await sql`select sync.tick('instruments')`;
    const [queued] = await sql`select url from net.http_request_queue order by id desc limit 1`;
    assert.equal(queued?.url, "https://shop.test/functions/v1/sync-instruments");
  },

  "a call for both sources works as each in turn, and gives the caller's role back": async (sql) => {
    for (const [stream, column] of [["clients", "created_at"], ["instruments", "part_of"]] as const) {
      const { run_id, lease } = await call(sql, `sync_start_run('${stream}', 'test')`);
      const rejected = [{ external_id: "x", path: column, reason: "wrong", payload: "{}", is_mapped: true }];
      await call(
        sql,
        `sync_stage_page(${run_id}, '${lease}', '[]', '${JSON.stringify(rejected)}', null, true, 1)`,
      );
      await call(sql, `sync_fail_run(${run_id}, '${lease}', '{"code": "gone", "message": "no"}', '{}')`);
    }
    await call(sql, "sync_begin_replay()");
    const marks = await sql`select m.writer from ownership.marks m order by m.id desc limit 2`;
    assert.deepEqual(marks.map(({ writer }) => writer), ["depot_sync", "gazelle_sync"]);
  },

  "the two write nothing of each other's, and sync_worker nothing of either": async (sql) => {
    const [may] = await sql`
      select has_any_column_privilege('depot_sync', 'gazelle_clients', 'select, insert, update') as depot,
        has_any_column_privilege('gazelle_sync', 'depot_instruments', 'select, insert, update') as gazelle,
        has_any_column_privilege('sync_worker', 'depot_instruments', 'select, insert, update')
          or has_any_column_privilege('sync_worker', 'gazelle_clients', 'select, insert, update') as worker,
        has_function_privilege('depot_sync', 'gazelle.claim_token(text, text, text)', 'execute') as token`;
    assert.deepEqual({ ...may }, { depot: false, gazelle: false, worker: false, token: false });
  },
};

const cello = { external_id: "d1", make: "Guarneri", model: "A", shelf: "A1" };
const harp = { external_id: "d2", make: "Camac", model: "H", shelf: "A2", tags: ["rent"] };
const lute = { external_id: "d3", make: "Dieffopruchar", model: "L", shelf: "A3", tags: ["old"] };

interface Answer {
  run_id: number;
  lease: string;
  status: string;
  step: string;
  counters: { updated: number; kept: number };
  plan?: { columns: Record<string, unknown> };
  checks?: Record<string, unknown>;
  actions?: unknown;
  error?: { details?: string };
  alerts?: { source: string; stream: string | null; kind: string; message: string }[];
}

/** A run of the instruments to its end, through the public functions, as the service role. */
async function sync(
  sql: postgres.TransactionSql,
  records: unknown[],
  status: string,
  dryRun = false,
): Promise<Answer> {
  const { run_id, lease } = await call(sql, `sync_start_run('instruments', 'test', dry_run => ${dryRun})`);
  const held = `${run_id}, '${lease}'`;
  let run = await call(
    sql,
    `sync_stage_page(${held}, '${JSON.stringify(records)}', '[]', null, true, ${records.length})`,
  );
  while (run.step === "plan" && run.status !== "tripped") run = await call(sql, `sync_plan_run(${held})`);
  while (run.step === "apply" && run.status !== "tripped") run = await call(sql, `sync_apply_run(${held})`);
  if (run.step === "finish") run = await call(sql, `sync_finish_run(${held}, '{}')`);
  assert.equal(run.status, status);
  return run;
}

/** Calls a public function as the service role, whose role stands again once it has answered. */
async function call(sql: postgres.TransactionSql, expression: string): Promise<Answer> {
  await sql`set local role service_role`;
  const [answered] = await sql.unsafe<{ answer: Answer }[]>(`select ${expression} as answer`);
  const [after] = await sql`select current_user as role, current_setting('role') as setting`;
  await sql`reset role`;
  assert.deepEqual({ ...after }, { role: "service_role", setting: "service_role" }, expression);
  return answered!.answer;
}

async function as(sql: postgres.TransactionSql, role: string, statement: string): Promise<void> {
  await sql.unsafe(`set local role ${role}; ${statement}; reset role`);
}

async function row(sql: postgres.TransactionSql, id: string) {
  const [found] = await sql`
    select model, shelf, array(select t from unnest(tags) t order by t) as tags
    from depot_instruments where external_id = ${id}`;
  return { ...found };
}

async function openAlerts(sql: postgres.TransactionSql): Promise<string[]> {
  const open = await sql`select kind from sync.alerts where resolved_at is null order by id`;
  return open.map(({ kind }) => kind);
}
