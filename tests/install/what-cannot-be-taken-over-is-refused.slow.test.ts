import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { harness } from "../fixtures/database.ts";
import { obstacles } from "../fixtures/obstacles.ts";
import { objectsOf, olderShop } from "../fixtures/older-shop.ts";
import { problemOf } from "../fixtures/problems.ts";

const { migrations } = harness();

/** The file that looks, before any that changes something. */
async function look(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(`${tmpdir()}/etiquette-look-`);
  for (const file of lookingFiles()) await copyFile(`${migrations}/${file}`, `${path}/${file}`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const lookingFiles = () => readdirSync(migrations).filter((file) => file.endsWith("_gazelle_survey.sql"));

Deno.test("what cannot be taken over is refused, with what and where and what to do, and nothing is changed", async (test) => {
  await using looking = await look();
  for (const [name, { given, code, says, remedy, told }] of Object.entries(obstacles)) {
    await test.step(name, async () => {
      await using database = await olderShop();
      const { sql } = database;
      await sql.unsafe(given).simple();
      const before = await theirs(sql);
      const refused = await problemOf(applyMigrations(sql, migrations));
      assert.equal(refused.code, code, refused.message);
      const details = refused.details.replaceAll("public.", "");
      assert.ok(details.includes(says), details);
      assert.ok(details.includes(told ?? remedy), details);
      assert.deepEqual(await theirs(sql), before);
      await sql.unsafe(remedy).simple();
      const { applied } = await applyMigrations(sql, looking.path);
      assert.deepEqual(applied, lookingFiles(), "now nothing is refused");
    });
  }
});

Deno.test("everything that stands in the way is told at once, and a table that belongs to somebody else", async () => {
  await using database = await olderShop();
  const { sql } = database;
  await sql.unsafe(`
    alter table gazelle_clients owner to anon;
    alter table gazelle_contacts alter email set not null, alter phone set not null;
    grant create on schema public to service_role`).simple();
  await sql`grant create on database ${sql(new URL(database.url).pathname.slice(1))} to service_role`;
  const asProgram = database.connectAs("service_role");
  const install = async () => {
    for (const file of lookingFiles()) {
      await asProgram.unsafe(await readFile(`${migrations}/${file}`, "utf8")).simple();
    }
  };
  const error = await install().then(() => null, (reason: postgres.PostgresError) => reason);
  assert.ok(error?.detail, String(error));
  const lines = error.detail.split("\n").filter((line) => !line.startsWith("  "));
  assert.deepEqual(lines.map((line) => line.replace("public.", "").replace(/,? (and|which) .*/, "")), [
    "gazelle_appointments belongs to postgres",
    "gazelle_clients belongs to anon",
    "gazelle_contacts belongs to postgres",
    "gazelle_pianos belongs to postgres",
    "gazelle_timeline_entries belongs to postgres",
    "role service_role may not grant gazelle_sync",
    "role service_role may not grant manual_editor",
    "role service_role may not grant pls_detector",
    "role service_role may not grant sync_worker",
  ]);
  assert.equal(error?.code, "GZ002");

  await sql.unsafe("update pg_class set relowner = 'service_role'::regrole where relname ~ '^gazelle_'");
  const left = await install().then(() => null, (reason: postgres.PostgresError) => reason);
  const further = left!.detail!.split("\n").filter((line) => !line.startsWith("  "));
  assert.deepEqual(further.map((line) => line.replace("public.", "").replace(/,? (and|which) .*/, "")), [
    "gazelle_contacts.email must not be null here",
    "gazelle_contacts.phone must not be null here",
    ...lines.slice(-4).map((line) => line.replace(/,? which .*/, "")),
  ]);
});

/** Everything but the patterns and the records of migrations. */
async function theirs(sql: postgres.Sql): Promise<string[]> {
  const lines = await objectsOf(sql);
  return lines.filter((line) => !/ (gazelle|supabase_migrations)(\.| |$)/.test(line));
}
