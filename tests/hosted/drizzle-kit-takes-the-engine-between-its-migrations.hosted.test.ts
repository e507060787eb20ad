import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { promisify } from "node:util";
import { installInProject } from "../../cli/commands/install.ts";
import { uninstallInProject } from "../../cli/commands/uninstall.ts";
import { ownDatabase } from "../fixtures/own-database.ts";

const tools = ["drizzle-kit@0.31.11", "drizzle-orm@0.45.4", "postgres@3.4.9"];

const config = `export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle",
  dbCredentials: { url: process.env.DATABASE_URL } };`;

const schema = (columns: string) =>
  `import { pgTable, text } from "drizzle-orm/pg-core";
export const rooms = pgTable("rooms", { code: text().primaryKey(), ${columns} });`;

Deno.test("drizzle-kit takes the engine between its own migrations, and goes on from the tables as they were", async () => {
  await using stack = new AsyncDisposableStack();
  const { url, sql, sync, syncUrl } = stack.use(await ownDatabase());
  const folder = await mkdtemp(`${tmpdir()}/etiquette-drizzle-`);
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const run = (program: string, ...words: string[]) =>
    promisify(execFile)(program, words, { cwd: folder, env: { ...process.env, DATABASE_URL: url } });
  const kit = async (...words: string[]) => (await run("npx", "--no", "--", "drizzle-kit", ...words)).stdout;
  const options = { folder, data: "none", apply: true } as const;
  await writeFile(`${folder}/package.json`, '{"private": true, "type": "module"}');
  await run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", ...tools);
  await writeFile(`${folder}/drizzle.config.ts`, config);
  await writeFile(`${folder}/schema.ts`, schema("name: text()"));

  await kit("generate");
  await installInProject(options, new Date());
  await kit("check");
  await kit("migrate");
  await sql`insert into rooms values ('r1', 'from the source')`;
  await sql.unsafe(`grant select, insert, update on rooms to ${new URL(syncUrl).username}`);
  await sql`select ownership.protect('rooms', 'name', identity_key => '{code}')`;
  await sql`update rooms set name = 'by hand'`;
  await sync`insert into rooms values ('r1', '') on conflict (code) do update set name = excluded.name`;

  await writeFile(`${folder}/schema.ts`, schema("name: text(), beds: text()"));
  assert.match(await kit("generate"), /rooms 3 columns/);
  await kit("migrate");
  assert.deepEqual([...await sql`select * from rooms`], [{ code: "r1", name: "by hand", beds: null }]);
  assert.equal((await installInProject(options, new Date())).files.length, 0);

  await uninstallInProject(options, new Date());
  await kit("migrate");
  assert.deepEqual([...await sql`select nspname from pg_namespace where nspname like 'ownership%'`], []);
  assert.match(await kit("generate"), /No schema changes/);
});
