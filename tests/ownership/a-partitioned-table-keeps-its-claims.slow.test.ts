import { type Loss, testLosses } from "../fixtures/naive.ts";
import { blocked, byHand, type World } from "../fixtures/ownership.ts";

const tables: [string, string] = ["losses.regions_naive", "losses.regions"];
const lost = { value: "from Gazelle" };
const kept = { ...byHand, blocked: blocked("from Gazelle", "by hand") };

/** Pianos by region: two partitions, and a key that names the region too, as every key of such a table does. */
async function prepare({ asSuperuser }: World): Promise<void> {
  for (const table of tables) {
    await asSuperuser(`
      create table ${table} (
        like losses.bare including defaults,
        region text not null default 'est',
        primary key (external_id, region)
      ) partition by list (region);
      alter table ${table} drop column id;
      create table ${table}_est partition of ${table} for values in ('est');
      create table ${table}_ouest partition of ${table} for values in ('ouest');
      grant all on ${table}, ${table}_est, ${table}_ouest to manual_editor, gazelle_sync, pls_detector`);
  }
  await asSuperuser(`
    create trigger naive before update on ${tables[0]} for each row execute function naive.keep();
    select ownership.protect('${tables[1]}', c) from unnest('{notes, tags}'::name[]) c`);
}

function partitioned(name: string, key: string, loss: Loss["loss"], rest: Partial<Loss> = {}): Loss {
  return { name, column: "notes", key, loss, lost, kept, tables, prepare, ...rest };
}

await testLosses([
  partitioned(
    "a row of a partition",
    '["ins_1", "est"]',
    ({ asSync }, table) => asSync(`update ${table}_est set notes = 'from Gazelle'`),
  ),
  partitioned(
    "a row of a partition, deleted and inserted through the parent",
    '["ins_1", "est"]',
    ({ asSync }, table) =>
      asSync(`
      delete from ${table};
      insert into ${table} (external_id, notes) values ('ins_1', 'from Gazelle')`),
  ),
  partitioned(
    "a row of a partition, deleted and inserted there",
    '["ins_1", "est"]',
    ({ asSync }, table) =>
      asSync(`
      delete from ${table}_est;
      insert into ${table}_est (external_id, notes) values ('ins_1', 'from Gazelle')`),
  ),
  partitioned("a row moved between partitions", '["ins_1", "ouest"]', async ({ asPerson, asSync }, table) => {
    await asPerson(`update ${table} set region = 'ouest' where external_id = 'ins_1'`);
    await asSync(`update ${table} set notes = 'from Gazelle' where external_id = 'ins_1'`);
  }, {
    kept: { ...kept, history: ["moved by manual_editor"] },
  }),
  // A key that names the region is the person's with the row: the row stays in its partition.
  partitioned(
    "a row that a source moves between partitions",
    '["ins_1", "est"]',
    async ({ asSync, asSuperuser }, table) => {
      await asSync(`update ${table} set region = 'ouest' where external_id = 'ins_1'`);
      await asSync(`update ${table} set notes = 'from Gazelle' where external_id = 'ins_1'`);
      // Without protection the row has moved, and its value is looked up under the key that it had.
      await asSuperuser(`update ${table} set region = 'est' where external_id = 'ins_1' and region <> 'est'`);
    },
  ),
  partitioned(
    "a row moved and edited by a person in one statement",
    '["ins_1", "ouest"]',
    async (world, table) => {
      await world.asPerson(
        `update ${table} set region = 'ouest', notes = 'newer' where external_id = 'ins_1'`,
      );
      await world.asSync(`update ${table} set notes = 'from Gazelle' where external_id = 'ins_1'`);
    },
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
