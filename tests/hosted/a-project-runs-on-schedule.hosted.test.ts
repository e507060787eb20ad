// The way of a hosted project, as far as a machine without one can go it: a server with the real pg_cron, the real
// CLI, and functions that pg_cron reaches over HTTP. pg_net cannot be had here: local/sender.ts does its part.

import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { applyPlatform } from "../../local/migrations.ts";
import { startPlatform } from "../../local/platform.ts";
import { createSender } from "../../local/sender.ts";
import { startGazelleDouble } from "../../gazelle-double/server.ts";
import { formatted } from "../checks/deno.ts";
import { supabase } from "../checks/supabase-cli.ts";
import { harness } from "../fixtures/database.ts";
import { doubleEnvironment } from "../../cli/source.ts";
import { advise, checkFunctions, lint } from "./findings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("a project, from its first push to its runs on schedule", async (test) => {
  await using stack = new AsyncDisposableStack();
  // The one database of the server that pg_cron works for.
  const url = harness().maintenance;
  const sql = postgres(url, { max: 4, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 5 }));
  const folder = await mkdtemp(`${tmpdir()}/etiquette-hosted-`);
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await cp(`${root}supabase`, `${folder}/supabase`, { recursive: true });
  await applyPlatform(sql);
  const push = () => supabase(["db", "push", `--remote=${url}`, "--yes"], folder);

  await test.step("supabase db push applies every migration, and once", async () => {
    await push();
    const migrations = await readdir(`${root}supabase/migrations`);
    const [{ applied } = { applied: 0 }] = await sql`
      select count(*)::int as applied from supabase_migrations.schema_migrations`;
    assert.equal(applied, migrations.length);
    const [cron] = await sql`select extversion from pg_extension where extname = 'pg_cron'`;
    assert.ok(cron, "the migrations installed the real pg_cron");
    assert.deepEqual([...await sql`select from cron.job`], [], "and put nothing on schedule without secrets");
    assert.match(await push(), /up to date/i);
  });

  await test.step("supabase gen types gives what is committed", async () => {
    const output = await supabase([
      "gen",
      "types",
      "--lang=typescript",
      "--schema",
      "public",
      `--remote=${url}`,
    ], folder);
    const committed = await readFile(`${root}supabase/functions/_shared/database-types.ts`, "utf8");
    assert.ok(committed.endsWith(await formatted(output.slice(output.indexOf("export type")))));
  });

  await test.step("supabase db lint, db advisors and plpgsql_check find nothing but what is known", async () => {
    assert.deepEqual(await lint(url, folder), []);
    assert.deepEqual(await advise(url, folder), []);
    const { functions, faults } = await checkFunctions(sql);
    assert.ok(functions > 100, `${functions} functions`);
    assert.deepEqual(faults, []);
  });

  await test.step("and what is wrong is found by each of them", async () => {
    await sql`create function sync.wrong() returns void language plpgsql set search_path = ''
      as 'begin perform nowhere.column from nowhere; end'`;
    await sql`create table public.open_to_all (id integer primary key)`;
    await sql`grant select on public.open_to_all to anon`;
    await assert.rejects(lint(url, folder), /sync\.wrong[\s\S]*relation \\"nowhere\\" does not exist/);
    const { faults } = await checkFunctions(sql);
    assert.match(faults.join(), /error in sync\.wrong: relation "nowhere" does not exist/);
    await assert.rejects(advise(url, folder), /open_to_all/);
    await sql`drop function sync.wrong()`;
    await sql`drop table public.open_to_all`;
  });

  await test.step("pg_cron's jobs reach the functions, and their runs appear", async () => {
    const double = await startGazelleDouble({ port: 0, scale: 0.2 });
    stack.defer(() => double.stop());
    // The CLI keeps the comments before a statement, which the local platform would take for a change.
    await sql`update supabase_migrations.schema_migrations set statements = null`;
    const platform = await startPlatform({
      folder: `${folder}/local`,
      ports: { api: 0, database: 0 },
      databaseUrl: url,
      environment: doubleEnvironment(double),
    });
    stack.defer(() => platform.stop());
    const sender = createSender(sql);
    await sender.listen();
    stack.defer(() => sender.stop());

    await sql`select sync.unschedule(job) from sync.jobs where job not in ('resume', 'watch')`;
    await sql`select sync.schedule('clients', '* * * * *'), sync.schedule('pianos', '* * * * *'),
      sync.schedule('watch', '* * * * *')`;
    // Somebody works on the pianos: what cron calls meanwhile is refused.
    await sql`select sync_start_run('pianos', 'a test', 900)`;
    await until("a run of the clients, a refused call for the pianos, both on record", async () => {
      const calls = await sql`
        select job, last_answer, last_run from sync.schedules where job in ('clients', 'pianos') order by job`;
      return JSON.stringify(calls) === JSON.stringify([
        { job: "clients", last_answer: 200, last_run: "complete" },
        { job: "pianos", last_answer: 409, last_run: "running" },
      ]);
    });
    const [run] =
      await sql`select started_by, inserted > 100 as is_whole from sync.runs where stream = 'clients'`;
    assert.deepEqual({ ...run }, { started_by: "key cron", is_whole: true });
    const failed =
      await sql`select command, return_message from cron.job_run_details where status = 'failed'`;
    assert.deepEqual([...failed], []);
    await sql`select sync.unschedule()`;
    assert.deepEqual([...await sql`select from cron.job`], []);
  });
});

/** pg_cron fires once a minute, and answers are read in the next one. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 200_000;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`not within 200 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
