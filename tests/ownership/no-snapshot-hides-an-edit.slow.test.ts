import assert from "node:assert/strict";
import { codeOf } from "../fixtures/naive.ts";
import { editByHand, outcomeOf, ownershipWorld, type World } from "../fixtures/ownership.ts";

const table = "losses.protected";

interface Meeting {
  name: string;
  /** What happens after the sync's snapshot was taken. */
  meanwhile(world: World): Promise<unknown>;
  sync: string;
  /** What its set holds in the end. */
  stays?: string[];
}

const insert =
  `insert into ${table} (external_id, notes, labels) values ('ins_1', 'from Gazelle', '{gazelle}')`;
const drop = ({ asDetector }: World) => asDetector(`delete from ${table} where external_id = 'ins_1'`);

const meetings: Meeting[] = [
  {
    name: "an edit and a delete, before it inserts the row again",
    meanwhile: async (world) => {
      await world.asPerson(`update ${table} set notes = 'late' where external_id = 'ins_1'`);
      await drop(world);
    },
    sync: insert,
  },
  {
    name: "an edit of a set that was edited before, and a delete",
    meanwhile: async (world) => {
      await world.asPerson(`update ${table} set labels = '{late}' where external_id = 'ins_1'`);
      await drop(world);
    },
    sync: insert,
  },
  {
    // TRUNCATE is not versioned: it empties the table of rows that it cannot see, without a conflict.
    name: "an edit, and truncates the table",
    meanwhile: ({ asPerson }) => asPerson(`update ${table} set notes = 'late' where external_id = 'ins_1'`),
    sync: `truncate ${table}; ${insert}`,
  },
  {
    name: "an adoption of what stands there, which touches no row",
    meanwhile: ({ asSuperuser }) => asSuperuser(`select ownership.adopt('${table}', 'location')`),
    sync: `update ${table} set location = 'from Gazelle' where external_id = 'ins_2'`,
  },
  {
    name: "an adoption of the rest of a set that people edited before",
    meanwhile: ({ asSuperuser }) => asSuperuser(`select ownership.adopt('${table}', 'labels')`),
    sync: `update ${table} set labels = '{}' where external_id = 'ins_1'`,
    stays: ["gazelle", "vip", "mine"],
  },
  {
    name: "an adoption of the rest of a set, before it inserts the row again",
    meanwhile: ({ asSuperuser }) => asSuperuser(`select ownership.adopt('${table}', 'labels')`),
    sync: `delete from ${table} where external_id = 'ins_1'; ${insert.replace("{gazelle}", "{}")}`,
    stays: ["gazelle", "vip", "mine"],
  },
  {
    name: "an import of an owner",
    meanwhile: ({ asSuperuser }) =>
      asSuperuser(`
        select ownership.import(jsonb_set(ownership.export(), '{columns}', jsonb_build_array(jsonb_build_object(
          'table', '${table}', 'column', 'location', 'mode', 'claim', 'claims', jsonb_build_array(jsonb_build_object(
            'key', 'ins_2', 'value', (select location from ${table} where external_id = 'ins_2'),
            'writer', 'manual_editor', 'since', now()))))), false)`),
    sync: `update ${table} set location = 'from Gazelle' where external_id = 'ins_2'`,
  },
];

for (const isolation of ["repeatable read", "serializable"]) {
  for (const { name, meanwhile, sync, stays } of meetings) {
    Deno.test(`${isolation}: a sync that does not see ${name}, has to try again`, async () => {
      await using world = await ownershipWorld();
      await editByHand(world, table);
      await world.asPerson(
        `update ${table} set labels = array_prepend('mine', labels) where external_id = 'ins_1'`,
      );
      await behindASnapshot(world, isolation, async (session) => {
        await meanwhile(world);
        assert.equal(await codeOf(session(sync)), "40001");
      });
      // At the second try it sees it, and nothing is lost.
      assert.equal(await codeOf(world.asSync(sync)), null);
      assert.deepEqual([
        ...await world.sql`select col, key, problem from ownership.verify() where problem not like 'drill%'`,
      ], []);
      if (stays) {
        const { value } = await outcomeOf(world, table, "labels", "ins_1");
        assert.deepEqual(new Set(value as string[]), new Set(stays));
      }
      if (sync.endsWith(insert)) {
        const { value } = await outcomeOf(world, table, "notes", "ins_1");
        assert.ok(["late", "by hand"].includes(String(value)));
      }
    });
  }
}

async function behindASnapshot(
  world: World,
  isolation: string,
  play: (session: (statements: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const session = await world.session("gazelle_sync");
  await session(`begin isolation level ${isolation}; select count(*) from ${table}`);
  await play(session);
  await session("rollback");
}
