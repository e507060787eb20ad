import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { installInProject } from "../../cli/commands/install.ts";
import { uninstallInProject } from "../../cli/commands/uninstall.ts";
import { applyPlatform } from "../../local/migrations.ts";
import { supabase } from "../checks/supabase-cli.ts";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("a Supabase project with a history of its own takes the engine by its own db push, and goes on", async () => {
  await using project = await ownProject();
  await using database = await testDatabase("template0");
  const { sql } = database;
  await applyPlatform(sql);
  const push = () => supabase(["db", "push", `--remote=${database.url}`, "--yes"], project.path);
  const install = () => installInProject({ folder: project.path, data: "none", apply: true }, new Date());

  await project.migrate(
    "20250101000000_places",
    `create table places (code text primary key, name text);
    grant select, insert, update on places to service_role;`,
  );
  await push();
  await sql`insert into places values ('p1', 'from the source')`;
  const written = await install();
  await push();
  await sql`select ownership.protect('places', 'name')`;
  await sql`update places set name = 'by hand'`;
  await database.connectAs("service_role")`
    insert into places values ('p1', '') on conflict (code) do update set name = excluded.name`;
  assert.equal((await sql`select name from places`)[0]!.name, "by hand");
  assert.deepEqual([...await sql`select * from ownership.health()`], []);

  const [, time = ""] = /(\d{14})_ownership_engine/.exec(written.files[0]!.path) ?? [];
  await project.migrate(`${Number(time) + 1}_beds`, "alter table places add column beds integer;");
  await push();
  assert.deepEqual((await install()).files, []);

  await uninstallInProject({ folder: project.path, data: "none", apply: true }, new Date());
  await push();
  assert.deepEqual([...await sql`select * from places`], [{ code: "p1", name: "by hand", beds: null }]);
  assert.deepEqual([...await sql`select nspname from pg_namespace where nspname like 'ownership%'`], []);
  const recorded = await sql<
    { name: string }[]
  >`select name from supabase_migrations.schema_migrations order by version`;
  assert.deepEqual(recorded.map(({ name }) => name), [
    "places",
    "ownership_engine",
    "beds",
    "ownership_uninstall",
  ]);
});

async function ownProject() {
  const path = await mkdtemp(`${tmpdir()}/etiquette-own-`);
  await mkdir(`${path}/supabase/migrations`, { recursive: true });
  await writeFile(`${path}/supabase/config.toml`, 'project_id = "mine"\n');
  return {
    path,
    migrate: (name: string, text: string) => writeFile(`${path}/supabase/migrations/${name}.sql`, text),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
