import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { streams } from "../../supabase/functions/_shared/sources.ts";
import { testDatabase } from "../fixtures/database.ts";

const names = streams.map(({ name }) => name);
const supabase = new URL("../../supabase/", import.meta.url);

Deno.test("each stream has its function, and its section in config.toml", async () => {
  const config = await readFile(new URL("config.toml", supabase), "utf8");
  const sections = [...config.matchAll(/^\[functions\.(sync-\w+)\]\n((?:.+\n)+)/gm)];
  const folders = (await readdir(new URL("functions", supabase))).filter((name) => name.startsWith("sync-"));
  assert.deepEqual(folders.sort(), sections.map(([, name]) => name).sort());
  assert.deepEqual(folders, ["all", ...names].map((name) => `sync-${name}`).sort());
  for (const [, name, body] of sections) {
    assert.match(body!, /^verify_jwt = false$/m);
    assert.match(body!, /^import_map = ".\/functions\/import_map.json"$/m);
    assert.match(body!, new RegExp(`^entrypoint = "./functions/${name}/index.ts"$`, "m"));
  }
});

Deno.test("each stream has its table in the database, and the database has no other", async () => {
  await using database = await testDatabase();
  const registered = await database.sql<
    { stream: string }[]
  >`select stream from sync.streams order by stream`;
  assert.deepEqual(registered.map(({ stream }) => stream), names.toSorted());
});
