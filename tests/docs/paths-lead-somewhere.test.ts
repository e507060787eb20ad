import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

const root = new URL("../../", import.meta.url);
/** Names that stand for what a contributor will add. */
const examples = /estimates|<|\*|…/;

for (const name of ["CONTRIBUTING.md", "RELEASING.md", "SECURITY.md"]) {
  Deno.test(`${name} names folders and files that are there`, async () => {
    const text = await readFile(new URL(name, root), "utf8");
    const paths = [...text.matchAll(/`((?:supabase|release|cli|docs|tests|bench|local)\/[^`\s]*)`/g)]
      .map(([, path]) => path!).filter((path) => !examples.test(path));
    assert.ok(name === "SECURITY.md" || paths.length > 3, `${paths}`);
    assert.deepEqual(paths.filter((path) => !existsSync(new URL(path, root))), []);
  });
}
