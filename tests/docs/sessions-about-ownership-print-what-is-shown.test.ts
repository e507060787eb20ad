import assert from "node:assert/strict";
import { emptyDatabase, installScript, readDocument } from "./engine.ts";
import { playSessions } from "./sessions.ts";

const document = await readDocument("ownership.md");

Deno.test("every session of docs/ownership.md prints what is shown", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  await sql.unsafe(await installScript(document));
  // Roles belong to the server, and this one comes with the document.
  await sql.unsafe("drop role if exists shop_sync");
  try {
    assert.equal(await playSessions(document, sql), document);
  } finally {
    await sql.unsafe("reset role; drop owned by shop_sync; drop role shop_sync");
  }
});
