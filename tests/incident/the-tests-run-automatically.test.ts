import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";

const root = new URL("../../", import.meta.url);

/** The preventive actions of the report, each with the test that holds it. */
const actions = {
  "automatic tests": "the-tests-run-automatically",
  "no overwriting of tags": "a-sync-does-not-overwrite-institutional-tags",
  "documentation of manual fields": "manual-fields-are-documented",
  "a verification script": "the-verification-finds-what-was-lost",
  "token refresh": "an-expired-token-is-refreshed",
  "whether the API returns tags": "the-api-returns-tags",
  "a dedicated institution_config": "institutions-have-a-configuration-of-their-own",
  "a backup before each sync": "a-backup-precedes-each-sync",
};

Deno.test("the tests run automatically: every preventive action has one, and every change runs them all", async () => {
  const files = await readdir(new URL(".", import.meta.url));
  assert.deepEqual(files.sort(), Object.values(actions).map((name) => `${name}.test.ts`).sort());

  const lanes = await readFile(new URL(".ci/run", root), "utf8");
  assert.match(
    lanes,
    /^ {2}lane "test" npm test$/m,
    "without words, npm test leaves out nothing but slow, killed and hosted runs and the soak",
  );
  const { scripts } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
  assert.equal(scripts.test, "deno run --allow-all tests/run.ts");
});
