import assert from "node:assert/strict";
import { streams } from "../../supabase/functions/_shared/sources.ts";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("each stream fills exactly the columns that its table grants to the sync", async () => {
  await using database = await testDatabase();
  for (const stream of streams) {
    const granted = await database.sql`
      select c.name from sync.streams s, lateral sync.columns_of(s.target) c where s.stream = ${stream.name}`;
    assert.deepEqual(Object.keys(stream.columns).sort(), granted.map((column) => column.name).sort());
  }
});
