import assert from "node:assert/strict";
import { testDatabase } from "../fixtures/database.ts";
import { judgeTap, runTapFile } from "../fixtures/tap.ts";

const problemsOf = (...lines: string[]) => judgeTap(lines).problems;

Deno.test("TAP that keeps its plan and fails nothing passes", () => {
  assert.deepEqual(judgeTap(["1..2", "ok 1 - a", "ok 2 - b"]), { passed: 2, problems: [] });
});

Deno.test("a failed test is named with its diagnostics", () => {
  const [found, ...rest] = problemsOf(
    "1..2",
    "ok 1 - a",
    "not ok 2 - tags stay",
    "# have: {}",
    "# want: {vip}",
  );
  assert.match(found ?? "", /not ok 2 - tags stay[\s\S]*want: \{vip\}/);
  assert.deepEqual(rest, []);
});

Deno.test("too few, too many, no plan, no test, a bail-out: none passes", () => {
  assert.deepEqual(problemsOf("1..3", "ok 1"), ["planned 3 tests, ran 1"]);
  assert.deepEqual(problemsOf("1..1", "ok 1", "ok 2"), ["planned 1 tests, ran 2"]);
  assert.deepEqual(problemsOf("ok 1 - a"), ["no plan: begin with select plan(n)"]);
  assert.deepEqual(problemsOf("1..1"), ["no test ran", "planned 1 tests, ran 0"]);
  assert.deepEqual(problemsOf(), ["no test ran"]);
  assert.equal(problemsOf("1..1", "Bail out! no server").length > 0, true);
  assert.deepEqual(problemsOf("1..2", "ok 1", "ok 1"), ["two tests have the same number"]);
});

Deno.test("a known failure (todo) does not fail the file", () => {
  assert.deepEqual(judgeTap(["1..1", "not ok 1 - later # TODO not yet"]).problems, []);
});

Deno.test("pgTAP runs in the database and a broken file says where", async () => {
  await using database = await testDatabase();
  const run = (...lines: string[]) => runTapFile(database.url, lines.join("\n"), "example.sql");

  const good = await run(
    "begin;",
    "select plan(1);",
    "select ok(true, 'x; $$ y');",
    "select * from finish();",
    "rollback;",
  );
  assert.deepEqual(good, { passed: 1, problems: [] });

  const unequal = await run(
    "begin;",
    "select plan(1);",
    "select is(1, 2, 'sum');",
    "select * from finish();",
    "rollback;",
  );
  assert.match(unequal.problems.join(), /not ok 1 - sum[\s\S]*have: 1[\s\S]*want: 2/);

  const error = await run(
    "begin;",
    "select plan(1);",
    "select ok(true);",
    "",
    "select\n  nowhere();",
    "rollback;",
  );
  assert.match(error.problems[0] ?? "", /example\.sql:6: function nowhere\(\) does not exist.*42883/);

  const open = await run("begin;", "select plan(1);", "select ok(true);");
  assert.match(open.problems[0] ?? "", /leaves its transaction open/);

  assert.match((await run("select 1;", "selct 2;")).problems[0] ?? "", /example\.sql:2: .*selct/);
  assert.match((await run("-- nothing")).problems.join(), /no test ran/);
});
