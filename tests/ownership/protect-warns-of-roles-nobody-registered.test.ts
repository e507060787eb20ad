import assert from "node:assert/strict";
import postgres from "postgres";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("protect warns of the roles that may write to a table and that nobody registered", async () => {
  await using database = await testDatabase();
  const warnings: string[] = [];
  const sql = postgres(database.url, { max: 1, onnotice: ({ message }) => warnings.push(message!) });
  try {
    await sql`create table public.boats (external_id text primary key, name text)`;
    await sql`grant update on public.boats to gazelle_sync, manual_editor`;
    await sql`select ownership.protect('public.boats', 'name')`;
    assert.deepEqual(warnings, []);
    await sql`grant update on public.boats to public`;
    await sql`select ownership.protect('public.boats', 'name')`;
    assert.deepEqual(warnings, ["public.boats may be written by roles that are no writers: public"]);
  } finally {
    await sql.end({ timeout: 5 });
  }
});
