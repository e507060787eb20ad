import assert from "node:assert/strict";
import { showChanges } from "../../cli/screen.ts";
import type { Finding, Status } from "../../cli/status.ts";

const lost: Finding = {
  code: "rows_lost",
  name: "rows of pianos",
  state: "lost",
  message: "0, and run 2 left 206",
  details: null,
  hint: "etiquette sync pianos",
  expected: 206,
  found: 0,
};
const status = (...findings: Finding[]): Status => ({
  state: findings.length > 0 ? "lost" : "well",
  at: "2026-11-23T05:00:00Z",
  findings,
  well: [],
});
/** What the screen says of one look after another; an error stands for a database that does not answer. */
async function said(looks: (Status | Error)[]): Promise<string[]> {
  const stop = new AbortController();
  const lines: string[] = [];
  let at = 0;
  const look = () => {
    const now = looks[at++];
    if (at >= looks.length) stop.abort();
    return now instanceof Error ? Promise.reject(now) : Promise.resolve(now!);
  };
  await showChanges(look, (line) => lines.push(line), stop.signal, 1);
  return lines;
}

Deno.test("a finding is said once, and once that it is over", async () => {
  assert.deepEqual(await said([status(), status(lost), status(lost), status()]), [
    "✖ rows of pianos: lost: 0, and run 2 left 206",
    "ok rows of pianos: over: 0, and run 2 left 206",
  ]);
});

Deno.test("a database that does not answer cannot be told, and is not taken for well", async () => {
  assert.deepEqual(await said([status(), new Error("gone"), new Error("gone"), status(), status()]), [
    "✖ cannot tell: gone",
    "ok the database answers again: well",
  ]);
});
