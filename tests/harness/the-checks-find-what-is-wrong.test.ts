import assert from "node:assert/strict";
import { readAudit } from "../checks/audit.ts";
import { usesThePrivateSchema } from "../checks/borders.ts";
import { hasLongLines, hasStrayWhitespace, isTooLong } from "../checks/house.ts";
import { parsesAsSql, usesUpperCase } from "../checks/sql.ts";
import { versionsAgree } from "../checks/versions.ts";
import { countTests } from "../fixtures/junit.ts";

const places = (found: { place: string }[]) => found.map(({ place }) => place);
const sql = (text: string) => ({ path: "a.sql", text });

Deno.test("SQL that does not parse is found, in the file and in the bodies of its functions", async () => {
  assert.deepEqual(await parsesAsSql(sql("select 1;\ncreate table a (b int);\n")), []);
  const [broken] = await parsesAsSql(sql("select 1;\n\nselct 2;\n"));
  assert.match(broken?.message ?? "", /^a\.sql:3: .*selct/);
  const body = (text: string) => sql(`create function f() returns int language sql as $$ ${text} $$;`);
  assert.deepEqual(await parsesAsSql(body("select 1")), []);
  assert.deepEqual(places(await parsesAsSql(body("selct 1"))), ["a.sql f()"]);
  const long = (lines: number) => parsesAsSql(body("select 1\n".repeat(1) + "\n".repeat(lines) + ", 2"));
  assert.deepEqual((await long(70)).map(({ warning }) => warning), [false]);
  assert.deepEqual((await long(40)).map(({ warning }) => warning), [true]);
});

Deno.test("capitals are found in code, not in strings, names and comments", () => {
  const text = "select 'SELECT' as \"FROM\" -- WHERE\nFROM t /* JOIN */\nwhere MY_NAME = 1;\n";
  assert.deepEqual(places(usesUpperCase(sql(text))), ["a.sql:2"]);
});

Deno.test("the engine's private schema is used by nobody else, and broken by tests", () => {
  const text = "select 1;\ndelete from ownership_private.claims;\n";
  const at = (path: string) => places(usesThePrivateSchema({ path, text }));
  assert.deepEqual(at("supabase/schemas/sync/plan.sql"), ["supabase/schemas/sync/plan.sql:2"]);
  assert.deepEqual(at("cli/commands/explain.ts"), ["cli/commands/explain.ts:2"]);
  assert.deepEqual(at("supabase/schemas/ownership/claims.sql"), []);
  assert.deepEqual(at("tests/ownership/verify-finds-every-lost-cell.sql"), []);
});

Deno.test("tabs, trailing spaces, missing line ends and long lines are found", () => {
  assert.deepEqual(places(hasStrayWhitespace(sql("a\n\tb\nc \nd\n"))), ["a.sql:2", "a.sql:3"]);
  assert.deepEqual(places(hasStrayWhitespace(sql("a"))), ["a.sql"]);
  assert.deepEqual(places(hasStrayWhitespace(sql("a\n\n"))), ["a.sql"]);
  const [fits, long] = ["é".repeat(120), "x".repeat(121)];
  assert.deepEqual(places(hasLongLines(sql(`${fits}\n${long}\nselect '${long}';\n`))), ["a.sql:2"]);
});

Deno.test("a file above its size is an error, one above the aim a hint", () => {
  const check = (lines: number) => isTooLong({ path: "x.ts", text: "a\n".repeat(lines) });
  assert.deepEqual(check(120), []);
  assert.deepEqual(check(121).map(({ warning }) => warning), [true]);
  assert.deepEqual(check(251).map(({ warning }) => warning), [undefined]);
});

Deno.test("versions that differ or float are found", () => {
  const agree = (deno: string, npm: string) =>
    versionsAgree([
      { path: "deno.json", text: JSON.stringify({ imports: { "@a/b/c": `npm:@a/b@${deno}/c` } }) },
      { path: "package.json", text: JSON.stringify({ dependencies: { "@a/b": npm } }) },
    ]).findings;
  assert.deepEqual(agree("1.0.0", "1.0.0"), []);
  assert.deepEqual(places(agree("1.0.0", "1.0.1")), ["deno.json"]);
  assert.deepEqual(places(agree("^1.0.0", "^1.0.0")), ["package.json"]);
});

Deno.test("a failed test and a file that does not load fail the run; steps do not count", () => {
  const suite = (...cases: string[]) => `<testsuite name="f">${cases.join("\n")}</testsuite>`;
  const bad = '<testcase name="b"><failure>x</failure></testcase>';
  const report = suite('<testcase name="a" />', bad, '<testcase name="c"><skipped/></testcase>');
  assert.deepEqual(countTests(report, 1), { passed: 1, failed: 1 });
  assert.deepEqual(countTests(suite('<testcase name="a"/>'), 1), { passed: 1, failed: 1 });
  assert.deepEqual(countTests(suite('<testcase name="a"/>'), 0), { passed: 1, failed: 0 });
  assert.deepEqual(countTests("", 1), { passed: 0, failed: 1 });
  const step = '<testcase name="b &gt; s &gt; t"><failure>x</failure></testcase>';
  const free = '<testcase name="x &gt; y"></testcase>';
  assert.deepEqual(countTests(suite(bad, step, free) + suite('<testcase name="b"/>'), 1), {
    passed: 2,
    failed: 1,
  });
});

Deno.test("a high hole in a dependency is an error, a lower one a hint, and no answer is said to be none", () => {
  const hole = (severity: string) => ({ severity, range: "<2", fixAvailable: false });
  const { findings } = readAudit(
    JSON.stringify({ vulnerabilities: { a: hole("high"), b: hole("moderate") } }),
  );
  assert.deepEqual(findings.map(({ place, warning }) => [place, warning]), [["a", false], ["b", true]]);
  assert.match(findings[0]?.message ?? "", /^<2: high, without a fix/);
  assert.deepEqual(readAudit('{"vulnerabilities": {}}'), { findings: [], output: "" });
  const skipped = (output: string) => readAudit(output).output;
  assert.match(skipped('{"message": "405", "statusCode": 405}\nnpm error A log'), /^skipped: .*\(HTTP 405\)/);
  assert.match(
    skipped('{"message": "request to x failed, reason: ENOTFOUND"}'),
    /^skipped: .* cannot be reached/,
  );
  assert.match(skipped(""), /^skipped: npm audit gave no report/);
});
