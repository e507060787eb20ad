import assert from "node:assert/strict";
import { codeOf, type Loss, testLosses } from "../fixtures/naive.ts";
import { type Actor, blocked, byHand, type Outcome, waiting, type World } from "../fixtures/ownership.ts";

const edited = ["claimed by manual_editor", "claimed by manual_editor"];
const row = "where external_id = 'ins_1'";
const newer = (table: string) => `update ${table} set notes = 'newer', tags = tags || '{urgent}' ${row}`;
const kept: Outcome = { ...byHand, value: "newer", blocked: blocked("by hand", "newer"), history: edited };
const keptTags: Outcome = {
  value: ["gazelle", "vip", "urgent"],
  owner: { vip: "manual_editor", urgent: "manual_editor" },
  blocked: blocked(["gazelle", "vip"], ["gazelle", "vip", "urgent"]),
  history: ["claimed vip by manual_editor", "claimed urgent by manual_editor"],
};

/** The row as the sync read it, sent back in one of the ways a sync has. */
const ways: Record<string, (table: string, column: string, value: string) => string> = {
  UPDATE: (table, column, value) => `update ${table} set ${column} = '${value}' ${row}`,
  "ON CONFLICT": (table, column, value) => `
    insert into ${table} (external_id, ${column}) values ('ins_1', '${value}')
    on conflict (external_id) do update set ${column} = excluded.${column}`,
  MERGE: (table, column, value) => `
    merge into ${table} t using (select 'ins_1', '${value}') s (k, v) on t.external_id = s.k
    when matched then update set ${column} = s.v${column === "tags" ? "::text[]" : ""}`,
};

type Write = (table: string, column: string, value: string) => string;

async function read(sync: Actor, table: string, column: string): Promise<string> {
  const [found] = await sync(`select ${column}::text as value from ${table} ${row}`);
  return found?.value;
}

/** A person commits between the sync's read and its write. */
function between(isolation: string, column: "notes" | "tags", write: Write): Loss["loss"] {
  return async ({ session, asPerson }, table) => {
    const sync = await session("gazelle_sync");
    await sync(`begin isolation level ${isolation}`);
    const stale = await read(sync, table, column);
    await asPerson(newer(table));
    const code = await codeOf(sync(write(table, column, stale)));
    if (code === null) return await sync("commit");
    assert.equal(code, "40001");
    await sync(`rollback; begin isolation level ${isolation}`);
    // What a retry sends was fetched before: it is as stale as the first time.
    await sync(write(table, column, stale));
    await sync("commit");
  };
}

/** The sync's write waits for a person who has not committed yet. */
async function behind(
  { session, ...world }: World,
  table: string,
  write: string,
  edit = newer(table),
): Promise<void> {
  const [person, sync] = [await session("manual_editor"), await session("gazelle_sync")];
  const [{ pid } = { pid: 0 }] = await sync("select pg_backend_pid() as pid");
  await person(`begin; ${edit}`);
  const writing = sync(write);
  await waiting({ session, ...world }, pid, writing);
  await person("commit");
  await writing;
}

const stale = { lost: { value: "by hand" }, kept };
const staleTags = { lost: { value: ["gazelle", "vip"] }, kept: keptTags };

for (const isolation of ["read committed", "repeatable read"]) {
  for (const [way, write] of Object.entries(ways)) {
    await testLosses([
      {
        name: `${isolation}, ${way}: a commit between read and write`,
        column: "notes",
        loss: between(isolation, "notes", write),
        ...stale,
      },
      {
        name: `${isolation}, ${way}: a tag between read and write`,
        column: "tags",
        loss: between(isolation, "tags", write),
        ...staleTags,
      },
    ]);
  }
}

for (const [way, write] of Object.entries(ways)) {
  await testLosses([
    {
      name: `${way} behind an open edit`,
      column: "notes",
      loss: (world, table) => behind(world, table, write(table, "notes", "by hand")),
      ...stale,
    },
    {
      name: `${way} behind an open edit of a set`,
      column: "tags",
      loss: (world, table) => behind(world, table, write(table, "tags", "{gazelle,vip}")),
      ...staleTags,
    },
  ]);
}

await testLosses([
  {
    name: "delete and insert behind an open edit",
    column: "notes",
    loss: (world, table) =>
      behind(
        world,
        table,
        `delete from ${table} ${row}; insert into ${table} (external_id, notes) values ('ins_1', 'by hand')`,
      ),
    ...stale,
  },
  {
    name: "NULL into a NOT NULL column behind an open edit",
    column: "location",
    loss: (world, table) =>
      behind(
        world,
        table,
        `insert into ${table} (external_id, location) values ('ins_1', null)
         on conflict (external_id) do update set location = excluded.location`,
        `update ${table} set location = 'newer' ${row}`,
      ),
    lost: { fails: "23502" },
    kept: { ...byHand, value: "newer", blocked: blocked(null, "newer"), history: edited },
  },
  {
    name: "repeatable read: a row that was edited and deleted since the snapshot is inserted",
    column: "notes",
    loss: async ({ session, asSuperuser, asPerson, asService }, table) => {
      // Bringing a set back meets the deleted row and fails with 40001 by itself; a scalar may not.
      await asSuperuser(
        `select ownership.unprotect('losses.protected', c) from unnest('{tags, labels}'::name[]) c`,
      );
      const sync = await session("gazelle_sync");
      const insert = `insert into ${table} (external_id, notes) values ('ins_1', 'from Gazelle')`;
      await sync("begin isolation level repeatable read");
      await read(sync, table, "notes");
      await asPerson(newer(table));
      await asService(`delete from ${table} ${row}`);
      const code = await codeOf(sync(insert));
      if (code === "40001") await sync(`rollback; begin isolation level repeatable read; ${insert}`);
      await sync("commit");
    },
    lost: { value: "from Gazelle" },
    kept: { ...kept, blocked: blocked("from Gazelle", "newer") },
  },
  {
    name: "a first edit of a cell that nobody owned",
    column: "notes",
    key: "ins_2",
    loss: async ({ session, asPerson }, table) => {
      const sync = await session("gazelle_sync");
      await sync("begin");
      await sync(`select notes from ${table}`);
      await asPerson(`update ${table} set notes = 'newer' where external_id = 'ins_2'`);
      await sync(`update ${table} set notes = 'corrected in Gazelle' where external_id = 'ins_2'`);
      await sync("commit");
    },
    lost: { value: "corrected in Gazelle" },
    kept: { ...byHand, value: "newer", blocked: blocked("corrected in Gazelle", "newer") },
  },
]);
