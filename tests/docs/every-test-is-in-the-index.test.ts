import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { chooseTests, laneOf, lanes } from "../fixtures/lanes.ts";

const tests = new URL("../", import.meta.url);

Deno.test("tests/README.md names every test once, with its suffix, and nothing else", async () => {
  const files = (await readdir(tests, { recursive: true })).map((path) => `tests/${path}`);
  const all = [...chooseTests(files, []), ...chooseTests(files, lanes)];
  const index = await readFile(new URL("README.md", tests), "utf8");
  const named = [...index.matchAll(/^- (\[.*)$/gm)].map(([, line]) => line!.replace(/: .*/, ""));
  assert.deepEqual(named.sort(), all.map(entryOf).sort());
});

/** `[a key is kept](ownership/a-key-is-kept.slow.test.ts) (slow)` */
function entryOf(file: string): string {
  const [, room, name] = /^tests\/([^/]+)\/([^./]+)[^/]*$/.exec(file) ?? [];
  assert.ok(room && name, `${file} is not in a room`);
  const lane = laneOf(file);
  const path = file.slice("tests/".length);
  return `[${name.replaceAll("-", " ")}](${path})${lane ? ` (${lane})` : ""}`;
}
