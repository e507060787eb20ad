import assert from "node:assert/strict";
import { applyMigrations, applyPlatform } from "../../local/migrations.ts";
import { testDatabase } from "../fixtures/database.ts";

const migrations = new URL("../../supabase/migrations", import.meta.url).pathname;

Deno.test("the migrations install over tables that hold data, and the sync goes on with them", async () => {
  await using database = await testDatabase("template0");
  const { sql } = database;
  await applyPlatform(sql);
  await sql.unsafe(`
    create table public.gazelle_clients (
      id bigint generated always as identity primary key,
      external_id text unique,
      company_name varchar(200),
      tags text[]
    );
    insert into public.gazelle_clients (external_id, company_name, tags)
    values ('cli_1', 'École Vincent-d''Indy', '{institutional}'), ('cli_2', 'Roy', null);
  `).simple();
  await applyMigrations(sql, migrations);

  const [run] = await sql`
    select r.* from jsonb_to_record(sync_start_run('clients', 'test')) r (run_id bigint, lease uuid)`;
  const records = [{ external_id: "cli_1", city: "Montréal" }, { external_id: "cli_2", tags: [] }, {
    external_id: "cli_3",
  }];
  await sql`select sync_stage_page(${run!.run_id}, ${run!.lease}, ${
    JSON.stringify(records)
  }, '[]', null, true, 3)`;
  await sql`select sync_plan_run(${run!.run_id}, ${run!.lease})`;
  await sql`select sync_apply_run(${run!.run_id}, ${run!.lease})`;
  const rows = await sql`select id, company_name, city, tags from gazelle_clients order by external_id`;
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { id: "1", company_name: "École Vincent-d'Indy", city: "Montréal", tags: ["institutional"] },
    { id: "2", company_name: "Roy", city: null, tags: [] },
    // The install drew the number 3 when it tried an insert.
    { id: "4", company_name: null, city: null, tags: null },
  ]);
});

Deno.test("what an application granted on its table stays, and the doctor tells it", async () => {
  await using database = await testDatabase("template0");
  const { sql } = database;
  await applyPlatform(sql);
  await sql.unsafe(`
    create table public.gazelle_users (id bigint generated always as identity primary key, external_id text unique, email text);
    grant select, delete, update (email) on public.gazelle_users to authenticated;
    grant all on public.gazelle_users to service_role;
  `).simple();
  await applyMigrations(sql, migrations);

  const told = async () => (await sql`select shop_doctor() as facts`)[0]!.facts;
  const { kept_grants, grants } = await told();
  assert.deepEqual(kept_grants, [
    { tbl: "public.gazelle_users", grantee: "authenticated", privileges: "delete, select, update (email)" },
  ]);
  assert.deepEqual(
    grants.map(({ problem }: { problem: string }) => problem),
    ["row level security is off for public.gazelle_users"],
  );

  await sql`revoke all on gazelle_users from authenticated`;
  assert.deepEqual((await told()).kept_grants, []);
});
