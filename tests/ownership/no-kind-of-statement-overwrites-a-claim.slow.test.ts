import assert from "node:assert/strict";
import { type Loss, testLosses } from "../fixtures/naive.ts";
import { blocked, byHand, taggedByHand, valueOf } from "../fixtures/ownership.ts";

const kept = { ...byHand, blocked: blocked("from Gazelle", "by hand") };
const columns = "(external_id, notes) values ('ins_1', 'from Gazelle')";
const lost = { value: "from Gazelle" };

/** The sync sends the row again, after whatever became of it, and says `from Gazelle` where a person wrote. */
function path(name: string, statements: (table: string) => string, rest: Partial<Loss> = {}): Loss {
  return {
    name,
    column: "notes",
    loss: ({ asSync }, table) => asSync(statements(table)),
    lost,
    kept,
    ...rest,
  };
}

await testLosses([
  path("UPDATE", (table) => `update ${table} set notes = 'from Gazelle'`, {
    also: async (world) =>
      assert.equal(await valueOf(world, "losses.protected", "notes", "ins_2"), "from Gazelle"),
  }),
  path(
    "INSERT … ON CONFLICT DO UPDATE",
    (table) =>
      `insert into ${table} ${columns} on conflict (external_id) do update set notes = excluded.notes`,
  ),
  path(
    "INSERT … ON CONFLICT DO UPDATE with NULL into a NOT NULL column",
    (table) => `
      insert into ${table} (external_id, location) values ('ins_2', 'Salle B'), ('ins_1', null)
      on conflict (external_id) do update set location = excluded.location, status = 'INACTIVE'`,
    {
      column: "location",
      lost: { fails: "23502" },
      kept: { ...byHand, blocked: blocked(null, "by hand") },
      also: async ({ sql }) =>
        assert.deepEqual(
          [...await sql`select external_id, location, status from losses.protected order by external_id`],
          [
            { external_id: "ins_1", location: "by hand", status: "INACTIVE" },
            { external_id: "ins_2", location: "Salle B", status: "INACTIVE" },
          ],
        ),
    },
  ),
  path(
    "INSERT … ON CONFLICT DO UPDATE with NULL into a NOT NULL set",
    (table) => `
      insert into ${table} (external_id, labels) values ('ins_2', '{concert}'), ('ins_1', null)
      on conflict (external_id) do update set labels = excluded.labels`,
    {
      column: "labels",
      lost: { fails: "23502" },
      kept: { ...taggedByHand, blocked: blocked(null, ["gazelle", "vip"]) },
      also: async (world) =>
        assert.deepEqual(await valueOf(world, "losses.protected", "labels", "ins_2"), ["concert"]),
    },
  ),
  path(
    "MERGE",
    (table) => `
      merge into ${table} t using (values ('ins_1', 'from Gazelle')) s (k, notes) on t.external_id = s.k
      when matched then update set notes = s.notes
      when not matched then insert (external_id, notes) values (s.k, s.notes)`,
  ),
  path(
    "MERGE that deletes what the source no longer has",
    (table) =>
      ["ins_2", "ins_1"].map((key) => `
        merge into ${table} t using (values ('${key}', 'from Gazelle')) s (k, notes) on t.external_id = s.k
        when matched then update set notes = s.notes
        when not matched then insert (external_id, notes) values (s.k, s.notes)
        when not matched by source then delete`).join(";"),
    { since: 17 },
  ),
  {
    ...path("COPY", () => ""),
    loss: async ({ asSync, copy }, table) => {
      await asSync(`delete from ${table}`);
      await copy(table, "external_id, notes, tags", ["ins_1\tfrom Gazelle\t{gazelle}", "ins_2\t\\N\t\\N"]);
    },
  },
  {
    ...path("COPY of a set", () => "", { column: "tags", lost: { value: ["gazelle"] } }),
    loss: async ({ asSync, copy }, table) => {
      await asSync(`truncate ${table}`);
      await copy(table, "external_id, notes, tags", ["ins_1\tfrom Gazelle\t{gazelle}"]);
    },
    kept: { ...taggedByHand, blocked: blocked(["gazelle"], ["gazelle", "vip"]) },
  },
  path(
    "delete and insert in one transaction",
    (table) => `delete from ${table} where external_id = 'ins_1'; insert into ${table} ${columns}`,
  ),
  path(
    "delete and insert in one statement",
    (table) => `
      with gone as (delete from ${table} where external_id = 'ins_1' returning external_id)
      insert into ${table} (external_id, notes) select external_id, 'from Gazelle' from gone`,
  ),
  {
    ...path("delete and insert in two transactions", () => ""),
    loss: async ({ asSync }, table) => {
      await asSync(`delete from ${table} where external_id = 'ins_1'`);
      await asSync(`insert into ${table} ${columns}`);
    },
  },
  path(
    "delete and insert of a blank",
    (table) => `delete from ${table}; insert into ${table} (external_id, notes) values ('ins_1', null)`,
    { lost: { value: null }, kept: byHand },
  ),
  path(
    "delete and insert of a NOT NULL column that its default fills",
    (table) => `delete from ${table}; insert into ${table} (external_id) values ('ins_1')`,
    {
      column: "location",
      lost: { value: "unknown" },
      kept: { ...byHand, blocked: blocked("unknown", "by hand") },
    },
  ),
  path(
    "re-insert under a new surrogate id",
    (table) => `
      delete from ${table} where external_id = 'ins_1';
      insert into ${table} (id, external_id, notes) overriding system value values (4711, 'ins_1', 'from Gazelle')`,
    {
      also: async ({ sql }) =>
        assert.equal(
          (await sql`select id::int from losses.protected where external_id = 'ins_1'`)[0]?.id,
          4711,
        ),
    },
  ),
  path("TRUNCATE", (table) => `truncate ${table}; insert into ${table} ${columns}`),
  path(
    "TRUNCATE CASCADE",
    (table) => `
      truncate losses.clients cascade; insert into losses.clients values ('cli_1'); insert into ${table} ${columns}`,
  ),
  path(
    "ON DELETE CASCADE",
    (table) => `
      delete from losses.clients; insert into losses.clients values ('cli_1'); insert into ${table} ${columns}`,
  ),
]);
