import assert from "node:assert/strict";
import { crossesNoBorder, hasNoCircles, namesNoSource } from "../checks/imports.ts";

const file = (path: string, ...lines: string[]) => ({ path, text: lines.join("\n") });
const said = (found: { place: string; message: string }[]) =>
  found.map((one) => `${one.place} ${one.message}`);

Deno.test("a circle of imports is found once, whether by values, types or a late import", () => {
  const found = said(hasNoCircles([
    file("cli/a.ts", 'import { b } from "./b.ts";', 'import { d } from "./d.ts";'),
    file("cli/b.ts", "", "import {", "  c,", '} from "../local/c.ts";'),
    // A longer way round through the same files says nothing new.
    file("cli/d.ts", 'import "./b.ts";'),
    file("local/c.ts", 'import type { A } from "../cli/a.ts";'),
    file("local/e.ts", 'const load = () => import("./f.ts");'),
    file("local/f.ts", 'export * from "./e.ts";'),
  ]));
  assert.equal(found.length, 2);
  assert.match(found[0]!, /^local\/e\.ts:1 imports local\/f\.ts, .* through local\/f\.ts:1: /);
  assert.match(
    found[1]!,
    /^cli\/a\.ts:1 imports cli\/b\.ts, which leads back here through cli\/b\.ts:4, local\/c\.ts:1: move /,
  );
});

Deno.test("a file that is used by many is no circle", () => {
  const diamond = [
    file("a.ts", 'import "./b.ts";', 'import "./c.ts";'),
    file("b.ts", 'import "./d.ts";'),
    file("c.ts", 'import "./d.ts";'),
    file("d.ts", 'import "npm:zod";'),
  ];
  assert.deepEqual(hasNoCircles(diamond), []);
});

const shared = "supabase/functions/_shared";

for (
  const [what, path, target] of [
    ["the sync, of a source", `${shared}/sync/runs.ts`, "../gazelle/client.ts"],
    ["the sync, of the shop", `${shared}/sync/runs.ts`, "../shop/detection.ts"],
    ["the sync, of the list of sources", `${shared}/sync/serve.ts`, "../sources.ts"],
    ["the functions, of the rest", `${shared}/problem.ts`, "../../../local/ports.ts"],
    ["the command line, of tests", "cli/run.ts", "../tests/fixtures/database.ts"],
  ] as const
) {
  Deno.test(`an import is found: ${what}`, () => {
    const [found, ...others] = crossesNoBorder(file(path, "", `import { a } from "${target}";`));
    assert.deepEqual([found?.place, others], [`${path}:2`, []]);
    assert.match(found!.message, /^imports \S+, but .*: (take|move) it/);
  });
}

Deno.test("imports inside a room, and of what serves all rooms, are let through", () => {
  const allowed = [
    file(`${shared}/sync/runs.ts`, 'import "./names.ts";', 'import "../problem.ts";', 'import "../urls.ts";'),
    file(`${shared}/gazelle/client.ts`, 'import "../sync/client.ts";'),
    file("cli/run.ts", 'import "../supabase/functions/_shared/problem.ts";'),
    file("bench/shop.ts", 'import "../tests/fixtures/database.ts";'),
  ];
  assert.deepEqual(allowed.flatMap(crossesNoBorder), []);
});

Deno.test("a source that the sync names is found, and anywhere else it may be named", () => {
  const text = ["// As Gazelle answers it.", "const url = settings.url;"];
  assert.deepEqual(
    namesNoSource(file(`${shared}/sync/runs.ts`, ...text)).map(({ place }) => place),
    [`${shared}/sync/runs.ts:1`],
  );
  assert.deepEqual(namesNoSource(file(`${shared}/gazelle/lists.ts`, ...text)), []);
});
