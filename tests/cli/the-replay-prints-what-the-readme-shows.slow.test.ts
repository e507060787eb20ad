import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { blockWith, dataFolder, etiquette, root } from "./etiquette.ts";

const readme = await readFile(`${root}README.md`, "utf8");

Deno.test("npm run replay prints what the README shows, and ends well", async () => {
  await using folder = await dataFolder();
  const run = etiquette(["replay", "--data", folder.path]);
  assert.equal(await run.ended, 0, run.output());
  const shown = blockWith(readme, "manual values").trim();
  assert.ok(run.output().trimEnd().endsWith(shown), run.output());
});
