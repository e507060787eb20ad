import assert from "node:assert/strict";
import { codeOf, type Loss, testLosses } from "../fixtures/naive.ts";
import {
  blocked,
  byHand,
  editByHand,
  outcomeOf,
  ownershipWorld,
  valueOf,
  type World,
} from "../fixtures/ownership.ts";

const kept = { ...byHand, blocked: blocked("from Gazelle", "by hand") };
const lost = { value: "from Gazelle" };
const write = (table: string) => `update ${table} set notes = 'from Gazelle' where external_id = 'ins_1'`;

/** The sync's writes in a session that fires no ordinary trigger. */
async function inReplicaMode({ session }: World, statements: string): Promise<void> {
  const superuser = await session("postgres");
  await superuser(`
    set session_replication_role = replica;
    set role gazelle_sync;
    ${statements}`);
}

function bypass(name: string, loss: Loss["loss"], rest: Partial<Loss> = {}): Loss {
  return { name, column: "notes", loss, lost, kept, ...rest };
}

await testLosses([
  bypass("session_replication_role = replica", (world, table) => inReplicaMode(world, write(table))),
  bypass("session_replication_role = replica, deleted and inserted", (world, table) =>
    inReplicaMode(
      world,
      `delete from ${table}; insert into ${table} (external_id, notes) values ('ins_1', 'from Gazelle')`,
    )),
  bypass("DISABLE TRIGGER USER, then ENABLE", async ({ asSuperuser, asSync }, table) => {
    await asSuperuser(`alter table ${table} disable trigger user`);
    await asSuperuser(`alter table ${table} enable trigger user`);
    await asSync(write(table));
  }, {
    // Demoted to ordinary triggers: they hold every session but one in replica mode.
    also: async ({ sql }) =>
      assert.deepEqual(
        [
          ...await sql`
          select distinct tgenabled::text from pg_trigger where tgrelid = 'losses.protected'::regclass and not tgisinternal`,
        ],
        [{ tgenabled: "O" }],
      ),
  }),
]);

for (
  const [name, statement, code] of [
    ["dropped and re-added column", "drop column notes", "2BP01"],
    ["changed type", "alter column notes type varchar(300)", "0A000"],
  ] as const
) {
  Deno.test(`${name}: refused as long as the column is protected`, async () => {
    await using world = await ownershipWorld();
    await editByHand(world, "losses.protected");
    assert.equal(await codeOf(world.asSuperuser(`alter table losses.naive ${statement}`)), null);
    assert.equal(await codeOf(world.asSuperuser(`alter table losses.protected ${statement}`)), code);
    await world.asSuperuser(`select ownership.unprotect('losses.protected', 'notes')`);
    assert.equal(await codeOf(world.asSuperuser(`alter table losses.protected ${statement}`)), null);
  });
}

Deno.test("a trigger that writes to a second table while the engine brings a row of the first back", async () => {
  await using world = await ownershipWorld();
  const { asSuperuser, asPerson, asSync } = world;
  await editByHand(world, "losses.protected");
  await asSuperuser(`
    create table losses.summaries (like losses.protected including all);
    grant all on losses.summaries to gazelle_sync, manual_editor;
    select ownership.protect('losses.summaries', 'notes');
    create function losses.summarize() returns trigger language plpgsql as $$
    begin
      update losses.summaries set notes = 'from Gazelle' where external_id = new.external_id;
      return null;
    end $$;
    create trigger summarize after update on losses.protected for each row execute function losses.summarize()`);
  await asSync(`insert into losses.summaries (external_id) values ('ins_1')`);
  await asPerson(`update losses.summaries set notes = 'by hand'`);
  await asSync(`delete from losses.protected; insert into losses.protected (external_id) values ('ins_1')`);
  assert.equal(await valueOf(world, "losses.protected", "notes", "ins_1"), "by hand");
  assert.deepEqual((await outcomeOf(world, "losses.summaries", "notes", "ins_1")).value, "by hand");
});

Deno.test("a later BEFORE trigger that clobbers: it cannot be prevented, so health and verify name it", async () => {
  await using world = await ownershipWorld();
  await editByHand(world, "losses.protected");
  await world.asSuperuser(`
    create function losses.clobber() returns trigger language plpgsql as $$
    begin
      new.notes := 'from Gazelle';
      return new;
    end $$;
    create trigger "~~~clobber" before update on losses.protected for each row execute function losses.clobber()`);
  await world.asSync("update losses.protected set status = 'INACTIVE' where external_id = 'ins_1'");
  const problems = await world.asSuperuser("select problem from ownership.health()");
  assert.ok(problems.some(({ problem }) => problem === "trigger after ours"));
  const lost = await world.asSuperuser("select col, key from ownership.verify() where key = 'ins_1'");
  assert.deepEqual([...lost].map(({ col }) => col), ["notes"]);
});
