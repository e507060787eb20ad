import assert from "node:assert/strict";
import { type Loss, testLosses } from "../fixtures/naive.ts";
import { blocked, byHand, type Outcome, ownershipWorld, valueOf } from "../fixtures/ownership.ts";

const edit = (table: string, note: string | null) =>
  `update ${table} set notes = ${note === null ? "null" : `'${note}'`} where external_id = 'ins_1'`;

function scalar(name: string, loss: Loss["loss"], value: unknown, kept: Partial<Outcome>): Loss {
  return { name, column: "notes", loss, lost: { value }, kept: { ...byHand, ...kept } };
}

await testLosses([
  scalar(
    "ownership laundering: the same value, then blank",
    ({ asSync }, table) => asSync(edit(table, "by hand")).then(() => asSync(edit(table, ""))),
    "",
    { blocked: blocked("", "by hand") },
  ),
  scalar(
    "ownership laundering by a higher rank: the same value, then another",
    ({ asService }, table) =>
      asService(edit(table, "by hand")).then(() => asService(edit(table, "from a script"))),
    "from a script",
    {
      blocked: blocked("from a script", "by hand", 1, "service_role"),
    },
  ),
  scalar(
    "a stale row written back over a newer human edit",
    async ({ asPerson, asSync }, table) => {
      const [stale] = await asSync(`select notes from ${table} where external_id = 'ins_1'`);
      await asPerson(edit(table, "newer"));
      await asSync(
        `update ${table} set notes = '${stale?.notes}', status = 'INACTIVE' where external_id = 'ins_1'`,
      );
    },
    "by hand",
    {
      value: "newer",
      blocked: blocked("by hand", "newer"),
      history: ["claimed by manual_editor", "claimed by manual_editor"],
    },
  ),
  scalar(
    "a person clears on purpose",
    async ({ asPerson, asSync }, table) => {
      await asPerson(edit(table, null));
      await asSync(edit(table, "from Gazelle"));
    },
    "from Gazelle",
    {
      value: null,
      blocked: blocked("from Gazelle", null),
      history: ["claimed by manual_editor", "claimed by manual_editor"],
    },
  ),
  scalar(
    "a person clears on purpose, and the row comes back",
    async ({ asPerson, asSync }, table) => {
      await asPerson(edit(table, null));
      await asSync(
        `delete from ${table}; insert into ${table} (external_id, notes) values ('ins_1', 'from Gazelle')`,
      );
    },
    "from Gazelle",
    {
      value: null,
      blocked: blocked("from Gazelle", null),
      history: ["claimed by manual_editor", "claimed by manual_editor"],
    },
  ),
]);

Deno.test("what was offered last lands when a cell is released, be it the owner's own value", async () => {
  await using world = await ownershipWorld();
  const table = "losses.protected";
  await world.asSuperuser(
    `select ownership.protect('${table}', 'notes', mode => 'manual', on_conflict => 'observe')`,
  );
  await world.asPerson(
    `insert into ${table} (external_id, client_id, notes) values ('ins_1', null, 'by hand')`,
  );
  await world.asDetector(edit(table, null));
  await world.asSync(edit(table, "by hand"));
  await world.asSuperuser(`select ownership.release('${table}', 'ins_1', 'notes')`);
  assert.equal(await valueOf(world, table, "notes", "ins_1"), "by hand");
});
