import assert from "node:assert/strict";
import { codeOf, type Loss, testLosses } from "../fixtures/naive.ts";
import { blocked, byHand, editByHand, outcomeOf, ownershipWorld, type World } from "../fixtures/ownership.ts";

const kept = { ...byHand, blocked: blocked("from Gazelle", "by hand") };
const lost = { value: "from Gazelle" };
const write = (table: string) => `update ${table} set notes = 'from Gazelle' where external_id = 'ins_1'`;
const person = `{"role": "authenticated", "sub": "7d1c0e6e-0000-4000-8000-000000000001"}`;

function identity(name: string, loss: Loss["loss"], rest: Partial<Loss> = {}): Loss {
  return { name, column: "notes", loss, lost, kept, ...rest };
}

/** A function that writes for its caller with its owner's rights: the superuser's. */
const definer = ({ asSuperuser }: World, table: string) =>
  asSuperuser(`
    create function ${table}_note(note text) returns void language sql security definer set search_path = '' as $$
      update ${table} set notes = note where external_id = 'ins_1'
    $$`);

await testLosses([
  identity("a person and a sync on the same key", async ({ asPerson, asSync }, table) => {
    const upsert = (note: string) =>
      `insert into ${table} (external_id, notes) values ('ins_1', '${note}') on conflict (external_id) do update set notes = excluded.notes`;
    await asSync(upsert("from Gazelle"));
    await asPerson(upsert("newer"));
    await asSync(upsert("from Gazelle"));
  }, {
    kept: {
      ...byHand,
      value: "newer",
      blocked: blocked("from Gazelle", "newer", 2),
      history: ["claimed by manual_editor", "claimed by manual_editor"],
    },
  }),
  identity("forged settings, headers and claims", async ({ session }, table) => {
    const sync = await session("gazelle_sync");
    await sync(`
      set ownership.writer = 'postgres';
      set ownership.engine = 'on';
      set application_name = 'manual_editor';
      set request.headers = '{"x-writer": "manual_editor"}';
      set request.jwt.claims = '${person}';
      ${write(table)}`);
  }),
  identity("a person's setting left over on a pooled connection", async ({ session }, table) => {
    const pooled = await session("authenticator");
    await pooled("set role authenticated");
    await pooled(`set ownership.writer = 'authenticated'; set request.jwt.claims = '${person}'`);
    await pooled("set role gazelle_sync");
    await pooled(write(table));
  }),
  identity("a definer function called by a sync", async (world, table) => {
    await definer(world, table);
    await world.asSync(`select ${table}_note('from Gazelle')`);
  }),
  identity("a definer function called by a person, then by a sync", async (world, table) => {
    await definer(world, table);
    await world.asPerson(`select ${table}_note('newer')`);
    await world.asSync(`select ${table}_note('from Gazelle')`);
  }, {
    kept: {
      ...byHand,
      value: "newer",
      blocked: blocked("from Gazelle", "newer"),
      history: ["claimed by manual_editor", "claimed by manual_editor"],
    },
  }),
  identity("an unregistered role", ({ asUnknown }, table) => asUnknown(write(table)), {
    kept: { ...byHand, blocked: blocked("from Gazelle", "by hand", 1, "unknown") },
  }),
  identity("a program with a secret key", ({ asService }, table) => asService(write(table)), {
    kept: { ...byHand, blocked: blocked("from Gazelle", "by hand", 1, "service_role") },
  }),
  identity("derived data", ({ asDetector }, table) => asDetector(write(table)), {
    kept: { ...byHand, blocked: blocked("from Gazelle", "by hand", 1, "pls_detector") },
  }),
  identity(
    "a lower rank on what derived data wrote",
    ({ asService }, table) =>
      asService(`update ${table} set dampp_chaser_installed = false where external_id = 'ins_1'`),
    {
      column: "dampp_chaser_installed",
      lost: { value: false },
      kept: {
        value: true,
        owner: "pls_detector",
        blocked: blocked(false, true, 1, "service_role"),
        history: ["claimed by pls_detector"],
      },
    },
  ),
]);

Deno.test("a role that the login may not take", async () => {
  await using world = await ownershipWorld();
  await editByHand(world, "losses.protected");
  const pooled = await world.session("postgres");
  await pooled("set session authorization authenticator; set role gazelle_sync");
  assert.equal(await codeOf(pooled("set role manual_editor")), "42501");
  assert.equal(await codeOf(pooled("select set_config('role', 'postgres', false)")), "42501");
  await pooled(write("losses.protected"));
  assert.deepEqual(await outcomeOf(world, "losses.protected", "notes", "ins_1"), kept);
});

Deno.test("a sync's setting left over on a pooled connection lowers a person, and what he wrote is on record", async () => {
  await using world = await ownershipWorld();
  await editByHand(world, "losses.protected");
  const pooled = await world.session("manual_editor");
  await pooled("set ownership.writer = 'gazelle_sync'");
  await pooled(`update losses.protected set notes = 'newer' where external_id = 'ins_1'`);
  assert.deepEqual(await outcomeOf(world, "losses.protected", "notes", "ins_1"), {
    ...byHand,
    blocked: blocked("newer", "by hand"),
  });
});
