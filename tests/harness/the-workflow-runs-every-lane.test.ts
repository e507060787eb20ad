import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chooseTests } from "../fixtures/lanes.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFile(new URL(path, root), "utf8");
const lanesIn = (script: string) => [...script.matchAll(/^ {2}lane "([^"]+)"/gm)].map(([, name]) => name!);

Deno.test("the workflow runs every lane, on every change, with actions pinned to a full version", async () => {
  const workflow = await read(".github/workflows/ci.yml");
  const [, list = ""] = /^ {8}lane:\n((?: {10}- .*\n)+)/m.exec(workflow) ?? [];
  const matrix = [...list.matchAll(/- (.*)/g)].map(([, name]) => name!);
  assert.deepEqual(["install", ...matrix], lanesIn(await read(".ci/run")));
  assert.match(workflow, /^ {2}push:$[\s\S]*^ {2}pull_request:$/m);
  const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action!);
  assert.ok(actions.length > 0);
  assert.deepEqual(actions.filter((action) => !/^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/.test(action)), []);
});

Deno.test("a lane that there is not is refused, for it must not pass for one that passed", () => {
  const run = spawnSync("bash", [fileURLToPath(new URL(".ci/run", root)), "violins"], { encoding: "utf8" });
  assert.equal(run.status, 2);
  assert.match(run.stderr, /^no lane violins; there are: install, check, types of the database, test, /);
});

Deno.test("each word that a lane hands to npm test chooses a test", async () => {
  const files = (await readdir(new URL("tests/", root), { recursive: true })).map((path) => `tests/${path}`);
  const given = [...(await read(".ci/run")).matchAll(/npm test -- ([\w./-]+)/g)].map(([, word]) => word!);
  assert.ok(given.length > 0);
  assert.deepEqual(given.filter((word) => chooseTests(files, [word]).length === 0), []);
});
