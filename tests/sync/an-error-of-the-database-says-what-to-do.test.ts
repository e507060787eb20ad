import assert from "node:assert/strict";
import { isProblem } from "../../supabase/functions/_shared/problem.ts";
import { call, type Database } from "../../supabase/functions/_shared/sync/database.ts";
import { z } from "zod";

const hints: [string, string[], RegExp][] = [
  [
    "it refuses what it is given",
    ["22P02", "22003", "21000", "23502", "23503", "23505", "23514", "44000", "54000", "P0001"],
    /^The database is up, and refuses what it was given: /,
  ],
  [
    "it cannot be used now",
    ["", "08006", "40001", "53300", "57014", "57P01"],
    /^Check that the database is up/,
  ],
  ["it lacks something", ["42883", "42P01", "42501", "PGRST202"], /^Check that the migrations/],
];

for (const [what, codes, hint] of hints) {
  Deno.test(`where ${what}, the hint says so`, async () => {
    for (const code of codes) assert.match((await failure({ code })).hint ?? "", hint, code);
  });
}

Deno.test("the database's own hint goes first", async () => {
  assert.equal((await failure({ code: "23514", hint: "Ask the shop." })).hint, "Ask the shop.");
});

async function failure(error: { code: string; hint?: string }) {
  const database: Database = {
    rpc: () => Promise.resolve({ data: null, error: { message: "it failed", ...error } }),
  };
  const thrown = await call(database, "sync_read_alerts", {}, z.unknown()).catch((error) => error);
  assert.ok(isProblem(thrown) && thrown.code === "database_failed");
  return thrown;
}
