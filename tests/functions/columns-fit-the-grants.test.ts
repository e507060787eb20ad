import assert from "node:assert/strict";
import { clients } from "../../supabase/functions/_shared/clients.ts";
import { pianos } from "../../supabase/functions/_shared/pianos.ts";
import { testDatabase } from "../fixtures/database.ts";

Deno.test("each stream fills exactly the columns that its table grants to the sync", async () => {
  await using database = await testDatabase();
  for (const stream of [clients, pianos]) {
    const granted = await database.sql`
      select c.name from sync.streams s, lateral sync.columns_of(s.target) c where s.stream = ${stream.name}`;
    assert.deepEqual(Object.keys(stream.columns).sort(), granted.map((column) => column.name).sort());
  }
});
