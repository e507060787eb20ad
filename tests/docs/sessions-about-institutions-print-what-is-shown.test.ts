import assert from "node:assert/strict";
import postgres from "postgres";
import { readDocument } from "./engine.ts";
import { playSessions } from "./sessions.ts";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("every session of docs/institutions.md prints what is shown", async () => {
  await using database = await testDatabase();
  const document = await readDocument("institutions.md");
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    assert.equal(await playSessions(document, sql), document);
  } finally {
    await sql.end({ timeout: 1 });
  }
});
