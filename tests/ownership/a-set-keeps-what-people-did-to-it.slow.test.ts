import assert from "node:assert/strict";
import { type Loss, testLosses } from "../fixtures/naive.ts";
import {
  blocked,
  editByHand,
  type Outcome,
  ownershipWorld,
  taggedByHand,
  valueOf,
} from "../fixtures/ownership.ts";

/** The sync sends the row with these tags. */
const send = (table: string, tags: string) => `
  insert into ${table} (external_id, tags) values ('ins_1', '${tags}')
  on conflict (external_id) do update set tags = excluded.tags`;
const untag = (table: string, tag: string) =>
  `update ${table} set tags = array_remove(tags, '${tag}') where external_id = 'ins_1'`;

function set(name: string, loss: Loss["loss"], value: unknown, kept: Partial<Outcome>): Loss {
  return { name, column: "tags", loss, lost: { value }, kept: { ...taggedByHand, ...kept } };
}

const removedSource: Partial<Outcome> = {
  value: ["vip"],
  owner: { vip: "manual_editor", gazelle: "manual_editor, removed" },
  blocked: blocked(["gazelle"], ["vip"]),
  history: ["claimed vip by manual_editor", "removed gazelle by manual_editor"],
};

await testLosses([
  set(
    "a person clears a set on purpose",
    async ({ asPerson, asSync }, table) => {
      await asPerson(`update ${table} set tags = '{}' where external_id = 'ins_1'`);
      await asSync(send(table, "{gazelle}"));
    },
    ["gazelle"],
    {
      value: [],
      owner: { gazelle: "manual_editor, removed" },
      blocked: blocked(["gazelle"], []),
      history: [
        "claimed vip by manual_editor",
        "removed gazelle by manual_editor",
        "removed vip by manual_editor",
        "released vip by gazelle_sync",
      ],
    },
  ),
  set(
    "a person removes a source's tag",
    async ({ asPerson, asSync }, table) => {
      await asPerson(untag(table, "gazelle"));
      await asSync(send(table, "{gazelle}"));
    },
    ["gazelle"],
    removedSource,
  ),
  set(
    "a person removes a source's tag, and the row comes back",
    async ({ asPerson, asSync }, table) => {
      await asPerson(untag(table, "gazelle"));
      await asSync(`delete from ${table}; ${send(table, "{gazelle}")}`);
    },
    ["gazelle"],
    removedSource,
  ),
  set(
    "the source drops a removed tag and later re-adds it",
    async ({ asPerson, asSync }, table) => {
      await asPerson(untag(table, "gazelle"));
      await asSync(send(table, "{concert}"));
      await asSync(send(table, "{concert, gazelle}"));
    },
    ["concert", "gazelle"],
    {
      value: ["vip", "concert", "gazelle"],
      owner: { vip: "manual_editor" },
      blocked: [
        ...blocked(["concert", "gazelle"], ["vip", "concert", "gazelle"]),
        ...blocked(["concert"], ["vip", "concert"]),
      ],
      history: [...removedSource.history!, "released gazelle by gazelle_sync"],
    },
  ),
  set(
    "a tag held by both, and the source drops it",
    async ({ asSync }, table) => {
      await asSync(send(table, "{gazelle, vip}"));
      await asSync(send(table, "{gazelle}"));
    },
    ["gazelle"],
    { blocked: blocked(["gazelle"], ["gazelle", "vip"]) },
  ),
  set(
    "a tag held by both, and the person removes it",
    async ({ asPerson, asSync }, table) => {
      await asSync(send(table, "{gazelle, vip}"));
      await asPerson(untag(table, "vip"));
      await asSync(send(table, "{gazelle, vip}"));
    },
    ["gazelle", "vip"],
    {
      value: ["gazelle"],
      owner: { vip: "manual_editor, removed" },
      blocked: blocked(["gazelle", "vip"], ["gazelle"]),
      history: ["claimed vip by manual_editor", "removed vip by manual_editor"],
    },
  ),
  set(
    "two sources",
    async ({ asService, asSync }, table) => {
      await asService(send(table, "{stripe}"));
      await asSync(send(table, "{gazelle}"));
    },
    ["gazelle"],
    {
      value: ["gazelle", "vip", "stripe"],
      blocked: [
        ...blocked(["gazelle"], ["gazelle", "vip", "stripe"]),
        ...blocked(["stripe"], ["gazelle", "vip", "stripe"], 1, "service_role"),
      ],
    },
  ),
  set(
    "two sources hold a tag, and one drops it",
    async ({ asDetector, asSync }, table) => {
      await asDetector(send(table, "{gazelle, vip, stripe}"));
      await asSync(send(table, "{gazelle, stripe}"));
      await asSync(send(table, "{gazelle}"));
    },
    ["gazelle"],
    {
      value: ["gazelle", "vip", "stripe"],
      blocked: [
        ...blocked(["gazelle", "stripe"], ["gazelle", "vip", "stripe"]),
        ...blocked(["gazelle"], ["gazelle", "vip", "stripe"]),
      ],
    },
  ),
  set(
    "two sources, and the row comes back from one of them",
    async ({ asService, asSync }, table) => {
      await asService(send(table, "{stripe}"));
      await asSync(`delete from ${table}; ${send(table, "{gazelle}")}`);
      await asService(send(table, "{stripe}"));
      await asSync(send(table, "{gazelle}"));
    },
    ["gazelle"],
    {
      value: ["gazelle", "vip", "stripe"],
      blocked: [
        ...blocked(["gazelle"], ["gazelle", "vip", "stripe"], 2),
        ...blocked(["stripe"], ["gazelle", "vip", "stripe"], 2, "service_role"),
      ],
    },
  ),
  set(
    "the row comes back without its set, and the source sends it again",
    async ({ asSync }, table) => {
      await asSync(`delete from ${table}; insert into ${table} (external_id) values ('ins_1')`);
      await asSync(send(table, "{gazelle}"));
    },
    ["gazelle"],
    { value: ["vip", "gazelle"], blocked: blocked(["gazelle"], ["vip", "gazelle"]) },
  ),
  {
    ...set(
      "a set that a person adopted",
      async ({ asSuperuser, asSync }, table) => {
        await asSuperuser(`select ownership.adopt('losses.protected', 'tags', 'manual_editor')`);
        await asSync(`update ${table} set tags = '{concert}' where external_id = 'ins_2'`);
      },
      ["concert"],
      {
        value: ["gazelle", "concert"],
        owner: { gazelle: "manual_editor" },
        blocked: blocked(["concert"], ["gazelle", "concert"]),
        history: ["adopted gazelle by manual_editor"],
      },
    ),
    key: "ins_2",
  },
  {
    ...set(
      "a missing set where an empty one is an opinion",
      async ({ asSuperuser, asSync }, table) => {
        await asSuperuser(`select ownership.protect('losses.protected', 'tags', empty_is_opinion => true)`);
        await asSync(`update ${table} set tags = null where external_id = 'ins_1'`);
      },
      null,
      { blocked: blocked([], ["gazelle", "vip"]) },
    ),
    without: "bare",
    also: async (world) => {
      await world.asSync(send("losses.protected", "{}"));
      assert.deepEqual(await valueOf(world, "losses.protected", "tags", "ins_1"), ["vip"]);
    },
  },
]);

Deno.test("adopting a column notes bases only of the sets in which something is adopted", async () => {
  await using world = await ownershipWorld();
  await editByHand(world, "losses.protected");
  await world.asSync("insert into losses.protected (external_id, labels) values ('ins_3', '{}')");
  await world.asSuperuser("select ownership.adopt('losses.protected', 'labels', 'manual_editor')");
  const bases = await world.asSuperuser("select key from ownership.bases where col = 'labels' order by key");
  assert.deepEqual(bases.map(({ key }) => key), ["ins_1", "ins_2"]);
});

Deno.test("a source's tag that was lost past the triggers comes back when the source repeats it", async () => {
  await using world = await ownershipWorld();
  const table = "losses.protected";
  await editByHand(world, table);
  await world.asSync(send(table, "{gazelle,concert}"));
  await world.asPerson(untag(table, "concert"));
  await world.asSuperuser(`
    alter table ${table} disable trigger user;
    update ${table} set tags = '{vip}';
    select ownership.repair('${table}')`);
  await world.asSync(send(table, "{gazelle,concert}"));
  assert.deepEqual(await valueOf(world, table, "tags", "ins_1"), ["vip", "gazelle"]);
});
