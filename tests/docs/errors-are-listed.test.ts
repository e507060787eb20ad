import assert from "node:assert/strict";
import { listFiles, type SourceFile } from "../checks/files.ts";
import { readDocument } from "./engine.ts";

const places: [files: RegExp, code: RegExp, prefix?: string][] = [
  [/^supabase\/migrations\/.*\.sql$/, /\bfail\(\s*'(\w{5})'/g],
  [/^supabase\/migrations\/.*\.sql$/, /\berrcode = '(\w{5})'/g],
  [/^supabase\/migrations\/.*\.sql$/, /'(GZ\d{3})'/g],
  [/^supabase\/functions\/_shared\/gazelle\/auth\/codes\.ts$/, /^ {2}(\w+): \d{3},$/gm],
  [/^supabase\/functions\/_shared\/sync\/codes\.ts$/, /^ {2}(\w+): \d{3},$/gm],
  [/^supabase\/functions\/_shared\/sync\/faults\.ts$/, /^ {2}(\w+): \d{3},$/gm, "gazelle_"],
  [/^(?!.*\.test\.ts$).*\.ts$/, /\b(?:problem|refuse)\(\s*"(\w+)"/g],
  [/^(?!.*\.test\.ts$).*\.ts$/, /\bcode: "(\w+)",\s+message\b/g],
  [/^cli\/.*\.js$/, /\((\w+)\)`\);$/gm],
  [/^(?!.*\.test\.ts$).*\.ts$/, /\bextensions: \{ code: "(\w+)"/g],
];

function raisedCodes(files: SourceFile[]): Set<string> {
  const found = places.map(([chosen, pattern, prefix = ""]) => {
    const codes = files.filter(({ path }) => chosen.test(path))
      .flatMap(({ text }) => [...text.matchAll(pattern)].map(([, code]) => prefix + code!));
    assert.ok(codes.length > 0, `no code is raised any more as in ${pattern}`);
    return codes;
  });
  return new Set(found.flat());
}

const listedCodes = (document: string) =>
  new Set([...document.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code!));

Deno.test("docs/errors.md lists every code that is raised, and no other", async () => {
  const raised = raisedCodes(await listFiles(new URL("../../", import.meta.url)));
  const listed = listedCodes(await readDocument("errors.md"));
  assert.deepEqual([...raised].filter((code) => !listed.has(code)), [], "raised, but not listed");
  assert.deepEqual([...listed].filter((code) => !raised.has(code)), [], "listed, but not raised");
});
