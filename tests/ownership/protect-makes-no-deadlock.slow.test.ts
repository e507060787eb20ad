import assert from "node:assert/strict";
import { codeOf } from "../fixtures/naive.ts";
import { editByHand, ownershipWorld } from "../fixtures/ownership.ts";

const table = "losses.protected";

for (
  const [name, statement] of [
    ["protect of one more column", `select ownership.protect('${table}', 'status')`],
    ["protect of the same column again", `select ownership.protect('${table}', 'notes')`],
    ["register_writer, which generates every guard anew", "select ownership.register_writer('anon', 15)"],
    ["repair", `select ownership.repair('${table}')`],
  ] as const
) {
  Deno.test(`${name} waits for nobody who has read the table and goes on to write it`, async () => {
    await using world = await ownershipWorld();
    await editByHand(world, table);
    const [sync, person] = [await world.session("gazelle_sync"), await world.session("postgres")];
    await sync(`begin; select count(*) from ${table}`);
    // A statement that waits for the reader while it holds a lock itself never ends here.
    assert.equal(await codeOf(person(`set lock_timeout = '5s'; ${statement}`)), null);
    assert.equal(await codeOf(sync(`update ${table} set status = 'from Gazelle'; commit`)), null);
  });
}
