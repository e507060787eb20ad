import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { alike, blockWith, dataFolder, etiquette, root } from "./etiquette.ts";

const readme = await readFile(`${root}README.md`, "utf8");

Deno.test("npm start prints what the README shows", async () => {
  await using folder = await dataFolder();
  const run = etiquette(["start", "--once", "--data", folder.path]);
  assert.equal(await run.ended, 0, run.output());
  const shown = alike(blockWith(readme, "5 institutions"));
  const tables = run.output().slice(run.output().indexOf("┌"));
  assert.equal(alike(tables).slice(0, shown.length), shown);
});
