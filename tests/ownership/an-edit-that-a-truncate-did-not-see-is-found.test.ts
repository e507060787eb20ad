import assert from "node:assert/strict";
import { editByHand, ownershipWorld, valueOf } from "../fixtures/ownership.ts";

// TRUNCATE is not versioned: a repeatable-read transaction empties the table of rows that it cannot see, without a
// conflict, and brings back what was owned when it began.
Deno.test("repeatable read: an edit that a truncating sync did not see is found and restored", async () => {
  await using world = await ownershipWorld();
  const table = "losses.protected";
  await editByHand(world, table);
  const [mark] = await world.asSuperuser("select ownership.mark('before') as id");
  const sync = await world.session("gazelle_sync");
  await sync("begin isolation level repeatable read");
  await sync(`select count(*) from ${table}`);
  await world.asPerson(`update ${table} set notes = 'newer' where external_id = 'ins_1'`);
  await sync(`truncate ${table}`);
  await sync(`insert into ${table} (external_id) values ('ins_1')`);
  await sync("commit");
  const notes = () => valueOf(world, table, "notes", "ins_1");
  assert.equal(await notes(), "by hand");
  const found = await world.asSuperuser("select col, key, expected from ownership.verify()");
  assert.deepEqual([...found], [{ col: "notes", key: "ins_1", expected: "newer" }]);
  await world.asSuperuser(`select ownership.restore(${mark?.id}, '${table}', dry_run => false)`);
  assert.equal(await notes(), "newer");
});
