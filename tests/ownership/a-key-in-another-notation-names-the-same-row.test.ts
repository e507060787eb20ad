import { type Loss, testLosses } from "../fixtures/naive.ts";
import { blocked, byHand, type World } from "../fixtures/ownership.ts";

// One row can be named in more than one way: by a session of another time zone, by an equal number of other digits.

const tables: [string, string] = ["losses.visits_naive", "losses.visits"];

function prepareKey(type: string, value: string) {
  return async ({ asSuperuser }: World) => {
    for (const table of tables) {
      await asSuperuser(`
        create table ${table} (
          like losses.bare including defaults,
          part ${type} not null default '${value}',
          primary key (external_id, part)
        );
        alter table ${table} drop column id;
        grant all on ${table} to manual_editor, gazelle_sync, pls_detector`);
    }
    await asSuperuser(`
      create trigger naive before update on ${tables[0]} for each row execute function naive.keep();
      select ownership.protect('${tables[1]}', 'notes')`);
  };
}

function named(name: string, key: string, rest: Pick<Loss, "prepare" | "loss">): Loss {
  const kept = { ...byHand, blocked: blocked("from Gazelle", "by hand") };
  return { name, column: "notes", key, lost: { value: "from Gazelle" }, kept, tables, ...rest };
}

await testLosses([
  named("a time in the key, written from another time zone", '["ins_1", "2026-01-19T12:00:00+00:00"]', {
    prepare: prepareKey("timestamptz", "2026-01-19 12:00Z"),
    loss: async ({ session }, table) => {
      const sync = await session("gazelle_sync");
      await sync(`set timezone = 'America/Montreal'; update ${table} set notes = 'from Gazelle'`);
    },
  }),
  named("a number in the key, written with other digits", '["ins_1", "1"]', {
    prepare: prepareKey("numeric", "1.0"),
    loss: ({ asSync }, table) =>
      asSync(
        `delete from ${table}; insert into ${table} (external_id, part, notes) values ('ins_1', 1.00, 'from Gazelle')`,
      ),
  }),
  named("bytes in the key, written with another bytea_output", '["ins_1", "\\\\x01ff"]', {
    prepare: prepareKey("bytea", "\\x01ff"),
    loss: async ({ session }, table) => {
      const sync = await session("gazelle_sync");
      await sync(`set bytea_output = 'escape'; update ${table} set notes = 'from Gazelle'`);
    },
  }),
]);
