import assert from "node:assert/strict";
import { codeOf, type Loss, testLosses } from "../fixtures/naive.ts";
import { blocked, byHand, ownershipWorld, taggedByHand } from "../fixtures/ownership.ts";

const moved = { ...byHand, blocked: blocked("from Gazelle", "by hand"), history: ["moved by manual_editor"] };
const lost = { value: "from Gazelle" };

const rename = (table: string, key = "ins_9") =>
  `update ${table} set external_id = '${key}' where external_id = 'ins_1'`;

/** The row edited by hand gets another key; then the source writes to it, or sends it anew, under that key. */
function changed(name: string, loss: Loss["loss"], rest: Partial<Loss> = {}): Loss {
  return { name, column: "notes", key: "ins_9", loss, lost, kept: moved, ...rest };
}

await testLosses([
  changed("changed key", async ({ asPerson, asSync }, table) => {
    await asPerson(rename(table));
    await asSync(`update ${table} set notes = 'from Gazelle' where external_id = 'ins_9'`);
  }),
  changed("changed key, then delete and insert", async ({ asPerson, asSync }, table) => {
    await asPerson(rename(table));
    await asSync(`
      delete from ${table} where external_id = 'ins_9';
      insert into ${table} (external_id, tags) values ('ins_9', '{gazelle}')`);
  }, {
    column: "tags",
    lost: { value: ["gazelle"] },
    kept: {
      ...taggedByHand,
      blocked: blocked(["gazelle"], ["gazelle", "vip"]),
      history: ["moved by manual_editor"],
    },
  }),
  changed("changed key, to that of a row which is gone", async ({ asPerson, asSync }, table) => {
    await asPerson(`update ${table} set notes = 'an older note' where external_id = 'ins_2'`);
    await asSync(`delete from ${table} where external_id = 'ins_2'`);
    await asPerson(rename(table, "ins_2"));
    await asSync(`
      delete from ${table} where external_id = 'ins_2';
      insert into ${table} (external_id, notes) values ('ins_2', 'from Gazelle')`);
  }, {
    key: "ins_2",
    kept: {
      ...byHand,
      blocked: blocked("from Gazelle", "by hand"),
      history: ["claimed by manual_editor", "released by manual_editor", "moved by manual_editor"],
    },
  }),
  changed(
    "a new row under the key that another row gave up",
    ({ asPerson, asSync }, table) =>
      asPerson(`update ${table} set external_id = 'ins_9', notes = 'newer' where external_id = 'ins_1'`)
        .then(() => asSync(`insert into ${table} (external_id, notes) values ('ins_1', 'another piano')`))
        .then(() => asSync(`update ${table} set notes = 'from Gazelle' where external_id = 'ins_9'`)),
    {
      kept: {
        ...byHand,
        value: "newer",
        blocked: blocked("from Gazelle", "newer"),
        history: ["moved by manual_editor", "claimed by manual_editor"],
      },
    },
  ),
]);

Deno.test("two keys exchanged in one statement: the deferrable key that allows it is refused", async () => {
  await using world = await ownershipWorld();
  await world.asSuperuser(
    "create table losses.deferred (external_id text not null unique deferrable, notes text)",
  );
  const code = await codeOf(world.asSuperuser("select ownership.protect('losses.deferred', 'notes')"));
  assert.equal(code, "OW007");
});
