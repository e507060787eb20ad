import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { installInProject } from "../../cli/commands/install.ts";
import { uninstallInProject } from "../../cli/commands/uninstall.ts";
import { etiquette } from "../cli/etiquette.ts";
import { problemOf } from "../fixtures/problems.ts";

const now = new Date("2026-11-28T19:00:00Z");
const options = (folder: string, more: { apply?: true; kind?: string } = {}) => ({
  folder,
  data: "none",
  ...more,
});

const journal = (...tags: string[]) =>
  JSON.stringify({
    version: "7",
    dialect: "postgresql",
    entries: tags.map((tag, idx) => ({ idx, version: "7", when: 1, tag, breakpoints: true })),
  });

/** The files of a project, and what an install adds. */
const projects: Record<string, { has: Record<string, string>; adds: string[] }> = {
  "Supabase": {
    has: { "supabase/config.toml": "", "supabase/migrations/20250101000000_places.sql": "" },
    adds: ["supabase/migrations/20261128190000_ownership_engine.sql"],
  },
  "Supabase without a migration": {
    has: { "supabase/config.toml": "" },
    adds: ["supabase/migrations/20261128190000_ownership_engine.sql"],
  },
  "Supabase with a migration of tomorrow": {
    has: { "supabase/config.toml": "", "supabase/migrations/20261129000000_places.sql": "" },
    adds: ["supabase/migrations/20261129000001_ownership_engine.sql"],
  },
  "Prisma": {
    has: {
      "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n',
      "prisma/migrations/20250101000000_init/migration.sql": "",
    },
    adds: ["prisma/migrations/20261128190000_ownership_engine/migration.sql"],
  },
  "Prisma with a configuration": {
    has: {
      "prisma.config.ts":
        'defineConfig({ schema: "./db/models", migrations: { path: "db/changes", seed: "x" } })',
      "db/models/a.prisma": "",
      "db/changes/20250101000000_init/migration.sql": "",
    },
    adds: ["db/changes/20261128190000_ownership_engine/migration.sql"],
  },
  "Drizzle": {
    has: {
      "drizzle.config.ts": 'export default defineConfig({ out: "./db/drizzle", dialect: "postgresql" });',
      "db/drizzle/0000_init.sql": "",
      "db/drizzle/meta/_journal.json": journal("0000_init"),
      "db/drizzle/meta/0000_snapshot.json": '{"id": "a", "prevId": "0", "tables": {"public.places": {}}}',
    },
    adds: ["db/drizzle/0001_ownership_engine.sql", "db/drizzle/meta/0001_snapshot.json"],
  },
  "numbers": { has: { "migrations/009_places.sql": "" }, adds: ["migrations/010_ownership_engine.sql"] },
  "Flyway": { has: { "sql/V9__a.sql": "", "sql/V10__b.sql": "" }, adds: ["sql/V11__ownership_engine.sql"] },
  "milliseconds": {
    has: { "migrations/1700000000000_places.sql": "-- Up Migration\n" },
    adds: [`migrations/${now.getTime()}_ownership_engine.sql`],
  },
  "pairs of up and down": {
    has: { "db/migrations/000001_init.up.sql": "", "db/migrations/000001_init.down.sql": "" },
    adds: ["db/migrations/000002_ownership_engine.down.sql", "db/migrations/000002_ownership_engine.up.sql"],
  },
  "dbmate": {
    has: { "db/migrations/20250101000000_init.sql": "-- migrate:up\n\n-- migrate:down\n" },
    adds: ["db/migrations/20261128190000_ownership_engine.sql"],
  },
};

for (const [name, { has, adds }] of Object.entries(projects)) {
  Deno.test(`a migration is written as the project writes its own: ${name}`, async () => {
    await using project = await folderWith(has);
    const { path } = project;
    const before = await textsIn(path);
    const shown = await installInProject(options(path), now);
    assert.deepEqual(shown.files.filter(({ replaces }) => !replaces).map((file) => file.path), adds);
    assert.deepEqual(await textsIn(path), before, "a dry run writes nothing");

    await installInProject(options(path, { apply: true }), now);
    const after = await textsIn(path);
    assert.deepEqual(Object.keys(after).filter((file) => !(file in before)).sort(), [...adds].sort());
    assert.ok(
      Object.entries(after).some(([file, text]) =>
        adds.includes(file) && text.includes("create schema ownership;")
      ),
    );

    const again = await installInProject(options(path, { apply: true }), now);
    assert.deepEqual([again.before, again.files], [1, []], "it is recognised");
    await uninstallInProject(options(path, { apply: true }), now);
    const gone = await textsIn(path);
    const added = Object.keys(gone).filter((file) => !(file in after));
    assert.match(added.map((file) => gone[file]).join("\n"), /select ownership\.uninstall\(\);/);
    assert.equal((await uninstallInProject(options(path), now)).files.length, 0);
    assert.equal((await installInProject(options(path), now)).before, 0, "it can be installed anew");
  });
}

Deno.test("drizzle-kit finds the migration in its journal, and its snapshot after the last", async () => {
  await using project = await folderWith(projects["Drizzle"]!.has);
  await installInProject(options(project.path, { apply: true }), now);
  const { "db/drizzle/meta/_journal.json": list, "db/drizzle/meta/0001_snapshot.json": snapshot } =
    await textsIn(project.path);
  assert.deepEqual(JSON.parse(list!).entries.at(-1), {
    idx: 1,
    version: "7",
    when: now.getTime(),
    tag: "0001_ownership_engine",
    breakpoints: true,
  });
  const { prevId, tables } = JSON.parse(snapshot!);
  assert.deepEqual({ prevId, tables }, { prevId: "a", tables: { "public.places": {} } });
});

const refused: Record<string, { has: Record<string, string>; code: string; says: RegExp }> = {
  "no project": { has: { "index.js": "" }, code: "project_unknown", says: /--folder.*--database/s },
  "two projects": {
    has: { ...projects["Supabase"]!.has, ...projects["Prisma"]!.has },
    code: "project_ambiguous",
    says: /--kind supabase or --kind prisma/,
  },
  "another database": {
    has: { "prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n}\n' },
    code: "project_not_postgres",
    says: /for mysql/,
  },
  "no journal": {
    has: { "drizzle.config.ts": "" },
    code: "project_unfinished",
    says: /drizzle-kit generate/,
  },
  "names without numbers": {
    has: { "sql/places.sql": "" },
    code: "project_unknown",
    says: /sql\/places\.sql does not begin/,
  },
  "a file where the folder is to be": {
    has: { "supabase/config.toml": "", "supabase/migrations": "" },
    code: "folder_unwritable",
    says: /Nothing was changed/,
  },
};

for (const [name, { has, code, says }] of Object.entries(refused)) {
  Deno.test(`a project is refused with what to do, and nothing is written: ${name}`, async () => {
    await using project = await folderWith(has);
    const before = await textsIn(project.path);
    const told = await problemOf(installInProject(options(project.path, { apply: true }), now));
    assert.equal(told.code, code);
    assert.match(`${told.message} ${told.hint}`, says);
    assert.deepEqual(await textsIn(project.path), before);
  });
}

Deno.test("changes of migrations that are not committed are told, others are not in the way", async () => {
  await using project = await folderWith(projects["Supabase"]!.has);
  const { path } = project;
  const git = (...words: string[]) =>
    promisify(execFile)("git", ["-C", path, "-c", "user.name=A", "-c", "user.email=a@example.org", ...words]);
  await git("init", "--quiet");
  const told = await problemOf(installInProject(options(path, { apply: true }), now));
  assert.equal(told.code, "uncommitted_changes");
  assert.match(told.hint, /git stash/);
  assert.deepEqual(await readdir(`${path}/supabase/migrations`), ["20250101000000_places.sql"]);
  await git("add", ".");
  await git("commit", "--quiet", "--message", "Begin");
  await writeFile(`${path}/package.json`, "{}");
  await installInProject(options(path, { apply: true }), now);
  assert.equal((await readdir(`${path}/supabase/migrations`)).length, 2);
});

Deno.test("a database that only the environment names is not installed into from the folder of a project", async () => {
  await using project = await folderWith(projects["Supabase"]!.has);
  const env = { ETIQUETTE_DATABASE_URL: "postgres://nobody@127.0.0.1:9/none" };
  const end = async (...words: string[]) => {
    const run = etiquette(words, env, project.path);
    return `${await run.ended} ${run.output()}`;
  };
  assert.match(await end("install"), /^1 .*target_ambiguous.*--database .*--folder \./s);
  assert.match(await end("uninstall", "--apply"), /^1 .*target_ambiguous/s);
  assert.match(await end("install", "--folder", "."), /^0 Would be written/);
  assert.match(await end("install", "--url", env.ETIQUETTE_DATABASE_URL), /^1 .*does not answer/s);
});

async function folderWith(files: Record<string, string>) {
  const path = await mkdtemp(`${tmpdir()}/etiquette-project-`);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(`${path}/${file}`), { recursive: true });
    await writeFile(`${path}/${file}`, text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function textsIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((file) => !file.includes("/.git/"));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return Object.fromEntries(files.map((file, place) => [file.slice(folder.length + 1), texts[place]!]));
}
