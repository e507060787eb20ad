import assert from "node:assert/strict";
import { codeOf } from "../fixtures/naive.ts";
import {
  type Column,
  editByHand,
  outcomeOf,
  ownershipWorld,
  waiting,
  type World,
} from "../fixtures/ownership.ts";

const table = "losses.protected";
const release = (column: Column, key = "ins_1") =>
  `select ownership.release('${table}', '${key}', '${column}')`;

interface Meeting {
  name: string;
  before?(world: World): Promise<unknown>;
  /** The role whose transaction is open, and what it did in it. */
  open: [role: string, edit: string];
  /** Who decides on the claims meanwhile. */
  meets: [role: string, decision: string];
  /** The SQLSTATE with which the decision ends. */
  ends: string | null;
  cell: [column: Column, key: string];
  value: unknown;
  owner: unknown;
}

/** A transaction that is still open changed a cell; another session decides on its claims and has to wait. */
function meeting({ name, before, open, meets, ends, cell, ...expected }: Meeting): void {
  Deno.test(name, async () => {
    await using world = await ownershipWorld();
    await editByHand(world, table);
    await before?.(world);
    const [editor, decider] = [await world.session(open[0]), await world.session(meets[0])];
    const [{ pid } = { pid: 0 }] = await decider("select pg_backend_pid() as pid");
    await editor(`begin; ${open[1]}`);
    const deciding = codeOf(decider(meets[1]));
    await waiting(world, pid, deciding);
    await editor("commit");
    assert.equal(await deciding, ends);
    const { value, owner } = await outcomeOf(world, table, ...cell);
    assert.deepEqual({ value, owner }, expected);
  });
}

const badge = "dampp_chaser_installed";
const allowRelease = ({ asSuperuser }: World) =>
  asSuperuser(`
    grant usage on schema ownership to pls_detector;
    grant execute on function ownership.release to pls_detector`);
const adoptTags = async (world: World) => {
  await allowRelease(world);
  await world.asSuperuser(`
    delete from ownership_private.claims where element <> '';
    select ownership.adopt('${table}', 'tags', 'pls_detector')`);
};
const row = "where external_id = 'ins_1'";

meeting({
  name: "a person edits the cell that its lower owner releases",
  before: allowRelease,
  open: [
    "manual_editor",
    `update ${table} set ${badge} = false ${row}; update ${table} set ${badge} = true ${row}`,
  ],
  meets: ["pls_detector", release(badge)],
  ends: "OW001",
  cell: [badge, "ins_1"],
  value: true,
  owner: "manual_editor",
});

meeting({
  name: "a person adds a tag to the set that its lower owner releases",
  before: adoptTags,
  open: ["manual_editor", `update ${table} set tags = tags || '{urgent}' ${row}`],
  meets: ["pls_detector", release("tags")],
  ends: "OW001",
  cell: ["tags", "ins_1"],
  value: ["gazelle", "vip", "urgent"],
  owner: { gazelle: "pls_detector", vip: "pls_detector", urgent: "manual_editor" },
});

meeting({
  name: "a person takes a tag out of the set that its lower owner releases",
  before: adoptTags,
  open: ["manual_editor", `update ${table} set tags = '{vip}' ${row}`],
  meets: ["pls_detector", release("tags")],
  ends: "OW001",
  cell: ["tags", "ins_1"],
  value: ["vip"],
  owner: { gazelle: "manual_editor, removed", vip: "pls_detector" },
});

meeting({
  name: "a person inserts again the row whose lower owner releases a cell",
  before: async (world) => {
    await allowRelease(world);
    await world.asSync(`delete from ${table} ${row}`);
  },
  open: [
    "manual_editor",
    `insert into ${table} (external_id, ${badge}) values ('ins_1', true);
    update ${table} set ${badge} = false ${row}`,
  ],
  meets: ["pls_detector", release(badge)],
  ends: "OW001",
  cell: [badge, "ins_1"],
  value: false,
  owner: "manual_editor",
});

meeting({
  name: "a person gives another key to the row whose cell is released",
  open: ["manual_editor", `update ${table} set external_id = 'ins_9', notes = 'newer' ${row}`],
  meets: ["postgres", release("notes")],
  ends: "OW010",
  cell: ["notes", "ins_9"],
  value: "newer",
  owner: "manual_editor",
});

meeting({
  name: "the source sends a newer value for the cell that a person releases",
  before: ({ asSync }) => asSync(`update ${table} set notes = 'an older offer' ${row}`),
  open: ["gazelle_sync", `update ${table} set notes = 'the newest offer' ${row}`],
  meets: ["postgres", release("notes")],
  ends: null,
  cell: ["notes", "ins_1"],
  value: "the newest offer",
  owner: null,
});

meeting({
  name: "the source sends a newer set for the one that a person releases",
  before: ({ asSync }) => asSync(`update ${table} set tags = '{gazelle,old}' ${row}`),
  open: ["gazelle_sync", `update ${table} set tags = '{gazelle,new}' ${row}`],
  meets: ["postgres", release("tags")],
  ends: null,
  cell: ["tags", "ins_1"],
  value: ["gazelle", "new"],
  owner: null,
});

meeting({
  name: "the source drops an adopted tag that is being handed back to it",
  before: async ({ asSync, asSuperuser }) => {
    await asSuperuser(`
      delete from ownership_private.claims where element <> '';
      select ownership.adopt('${table}', 'tags')`);
    await asSync(`update ${table} set tags = '{gazelle,new}' ${row}`);
  },
  open: ["gazelle_sync", `update ${table} set tags = '{new}' ${row}`],
  meets: [
    "postgres",
    `select ownership.unadopt('${table}', 'tags', since, '{ins_1}', 'gazelle_sync')
     from ownership.claims where col = 'tags' and element = 'gazelle' and key = 'ins_1'`,
  ],
  ends: null,
  cell: ["tags", "ins_1"],
  value: ["gazelle", "vip", "new"],
  owner: { gazelle: "postgres", vip: "postgres" },
});

meeting({
  name: "a person edits a cell that a restore would bring back",
  before: async ({ asSuperuser, asDetector }) => {
    await asSuperuser("select ownership.mark('before')");
    await asDetector(`update ${table} set notes = 'x' where external_id = 'ins_2'`);
  },
  open: ["manual_editor", `update ${table} set notes = 'by hand' where external_id = 'ins_2'`],
  meets: ["postgres", `select * from ownership.restore(1, dry_run => false)`],
  ends: null,
  cell: ["notes", "ins_2"],
  value: "by hand",
  owner: "manual_editor",
});
