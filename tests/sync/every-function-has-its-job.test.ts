import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import postgres from "postgres";
import { applyMigrations, applyPlatform } from "../../local/migrations.ts";
import { harness, testDatabase } from "../fixtures/database.ts";

/** Functions that are not for the schedule, and why. */
const others = {
  "connect-gazelle": "is called by people, and by Gazelle",
  "sync-all": "calls what has jobs of its own",
};

Deno.test("every stream and every function has its job, and no job calls what there is not", async () => {
  await using database = await testDatabase();
  const jobs = await database.sql<{ stream: string; name: string }[]>`
    select stream, edge_function as name from sync.jobs where edge_function is not null`;
  const streams = await database.sql<{ stream: string }[]>`select stream from sync.streams`;
  assert.deepEqual(
    jobs.map(({ stream }) => stream).filter(Boolean).sort(),
    streams.map(({ stream }) => stream).sort(),
  );
  const folders = await readdir(new URL("../../supabase/functions", import.meta.url), {
    withFileTypes: true,
  });
  const functions = folders.filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"));
  const expected = functions.map(({ name }) => name).filter((name) => !(name in others));
  assert.deepEqual(jobs.map(({ name }) => name).sort(), expected.sort());
});

Deno.test("where pg_cron and pg_net are missing, the migrations pass and say so, and so does sync.schedule", async () => {
  await using database = await testDatabase("template0");
  await applyPlatform(database.sql);
  await database.sql`drop schema cron, net cascade`.simple();
  const notices: string[] = [];
  const sql = postgres(database.url, { max: 1, onnotice: ({ message }) => notices.push(message ?? "") });
  await applyMigrations(sql, harness().migrations);
  assert.ok(
    notices.some((text) => /^pg_cron cannot be installed .* not available$/.test(text)),
    notices.join("\n"),
  );
  assert.ok(
    notices.some((text) => /^pg_net cannot be installed .* not available$/.test(text)),
    notices.join("\n"),
  );
  assert.match(
    notices.at(-1)!,
    /nothing runs on schedule yet, .*: the extension pg_cron, the extension pg_net, the secret/,
  );

  const refused = await sql`select sync.schedule('clients', '*/15 * * * *')`.catch((error) => error);
  assert.equal(refused.code, "SY002");
  assert.match(
    refused.message,
    /without the extension pg_cron, the extension pg_net, the secret project_url/,
  );
  assert.match(refused.hint, /create_secret.*cron_secret_key.*dashboard.*select sync\.schedule\(\);/);
  await sql`select sync.tick('clients'), sync.tick('watch'), sync.tick('clean-up'), sync.unschedule('clients')`;
  const shown =
    await sql`select job, last_error from sync.schedules where job in ('clients', 'watch', 'clean-up') order by 1`;
  assert.deepEqual(shown.map(({ job, last_error }) => `${job} ${last_error ?? ""}`), [
    "clean-up ",
    "clients missing: the extension pg_cron, the extension pg_net, the secret project_url in Vault, " +
    "the secret cron_secret_key in Vault",
    "watch ",
  ]);
  await sql.end();
});

Deno.test("where the secrets are in Vault already, the migrations put everything on schedule", async () => {
  await using database = await testDatabase("template0");
  const { sql } = database;
  await applyPlatform(sql);
  await sql`select vault.create_secret('https://shop.test', 'project_url'), vault.create_secret('k', 'cron_secret_key')`;
  await applyMigrations(sql, harness().migrations);
  const off = await sql`select job from sync.jobs except select job from sync.schedules where active`;
  assert.deepEqual([...off], []);
});
