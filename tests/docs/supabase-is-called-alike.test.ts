import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { supabaseVersion } from "../../cli/supabase.ts";

const root = new URL("../../", import.meta.url);

Deno.test("every command of the Supabase CLI that is shown names its version, and the project instead of the local stack", async () => {
  const inside = async (folder: string) =>
    (await readdir(new URL(folder, root))).map((name) => `${folder}/${name}`);
  const names = ["README.md", ...await inside("docs"), ...await inside("supabase/migrations")];
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, root), "utf8")));
  const shown = texts.join("\n").match(
    /(npx )?\bsupabase(@\S+)? (login|link|orgs|projects|config|db|migration|functions|secrets)\b[^`\n]*/g,
  ) ?? [];
  assert.ok(shown.length > 15, `${shown.length}`);
  for (const command of shown) {
    assert.ok(command.startsWith(`npx supabase@${supabaseVersion} `), command);
    // These alone mean a local stack unless told otherwise.
    if (/ (db|migration) /.test(command)) assert.match(command, / --remote\b/);
  }
});
