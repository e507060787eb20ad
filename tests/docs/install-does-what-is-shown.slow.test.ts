import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { applyMigrations } from "../../local/migrations.ts";
import { problem, textOf } from "../../supabase/functions/_shared/problem.ts";
import { harness } from "../fixtures/database.ts";
import { hasPsql, objectsOf, olderShop, psqlScript } from "../fixtures/older-shop.ts";
import { problemOf } from "../fixtures/problems.ts";
import { readDocument } from "./engine.ts";
import { playSessions } from "./sessions.ts";

const { migrations } = harness();
const document = await readDocument("install.md");

const rows = {
  clients: [
    {
      external_id: "cli_1",
      company_name: "École",
      tags: ["institutional"],
      personal_notes: "téléphoner avant",
    },
    { external_id: "cli_2", company_name: "Roy", tags: ["vip"] },
  ],
};

Deno.test("docs/install.md: every statement does what is shown", async () => {
  await using database = await olderShop(rows);
  const { sql } = database;
  await applyMigrations(sql, migrations);
  await syncClients(sql, [
    { external_id: "cli_1", company_name: "École", tags: [], personal_notes: "" },
    { external_id: "cli_2", company_name: "Roy", tags: ["vip"], personal_notes: "" },
  ]);
  const reserved = await sql.reserve();
  const played = await playSessions(document, reserved);
  reserved.release();
  assert.equal(played, document);
});

Deno.test("docs/install.md: what is refused is told as shown", async () => {
  await using database = await olderShop();
  const { sql } = database;
  await sql`insert into gazelle_pianos (external_id, location) values ('ins_1', 'Salle A'), ('ins_1', 'Studio 4')`;
  await sql`insert into gazelle_timeline_entries (external_id, occurred_at) values ('tme_1', 'hier')`;
  const { message, details, hint, code } = await problemOf(applyMigrations(sql, migrations));
  // Without the place in the file, and in the function.
  const told = problem(code, message.replace(/^\S+ /, ""), {
    details: details.replace(/\n *PL\/pgSQL.*/, ""),
    hint,
  });
  const shown = textOf(told);
  assert.equal(document.replace(/(?<=```text\n)[\s\S]*?(?=\n```)/, shown), document);
});

Deno.test({
  name: "docs/install.md: the psql commands install, are broken off, go on, and are done once",
  ignore: !hasPsql(),
  fn: async () => {
    await using database = await olderShop(rows);
    const { sql, url } = database;
    const script = psqlScript(document);
    const run = (text: string) =>
      execFileSync("bash", ["-c", text], {
        cwd: fileURLToPath(new URL("../../", import.meta.url)),
        env: { PATH: "/usr/bin:/bin", DATABASE_URL: url },
        stdio: ["ignore", "pipe", "pipe"],
      });
    run(script.replace("  echo", "[ $version -gt 20261127000600 ] && break; echo"));
    const count = async () =>
      (await sql`select count(*)::integer as n from supabase_migrations.schema_migrations`)[0]!.n;
    const broken = await count();
    run(script);
    assert.ok(broken > 5 && await count() > broken, `${broken}`);
    const done = await objectsOf(sql);
    run(script);
    assert.deepEqual(await objectsOf(sql), done);
    assert.deepEqual(
      (await applyMigrations(sql, migrations)).applied,
      [],
      "other tools know what was applied",
    );
    assert.deepEqual([...await sql`select * from ownership.health()`], []);
  },
});

/** A whole run as a function makes one. */
async function syncClients(sql: postgres.Sql, records: postgres.JSONValue[]): Promise<void> {
  const [run] = await sql`
    select r.* from jsonb_to_record(sync_start_run('clients', 'test')) r (run_id bigint, lease uuid)`;
  const { run_id: id, lease } = run!;
  await sql`select sync_stage_page(${id}, ${lease}, ${JSON.stringify(records)}, '[]', null, true, 2)`;
  await sql`select sync_plan_run(${id}, ${lease})`;
  await sql`select sync_apply_run(${id}, ${lease})`;
  const [report] = await sql`select sync_finish_run(${id}, ${lease}, '{}') ->> 'status' as status`;
  assert.equal(report?.status, "complete");
}
