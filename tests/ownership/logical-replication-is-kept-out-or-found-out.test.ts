import assert from "node:assert/strict";
import process from "node:process";
import postgres from "postgres";
import { testDatabase } from "../fixtures/database.ts";
import {
  blocked,
  byHand,
  editByHand,
  outcomeOf,
  ownershipWorld,
  valueOf,
  type World,
} from "../fixtures/ownership.ts";

// The apply worker fires ALWAYS triggers only, and none of a statement. It writes as the subscription's owner.

const probe = postgres(process.env["TEST_POSTGRES_URL"]!, { max: 1 });
const [server] = await probe`select current_setting('wal_level') as level`;
await probe.end();
const ignore = server?.level !== "logical";
// What is printed while a file loads is not seen; a test's name is.
const reason = ignore ? ` (needs wal_level logical, this server has ${server?.level})` : "";

const tables = ["losses.naive", "losses.protected"];
const kept = { ...byHand, blocked: blocked("from Gazelle", "by hand", 1, "feed") };

Deno.test(`logical replication: an UPDATE is kept out${reason}`, { ignore }, async () => {
  await using world = await ownershipWorld();
  await replicate(world, (table) => `update ${table} set notes = 'from Gazelle'`);
  assert.equal(await valueOf(world, "losses.naive", "notes", "ins_1"), "from Gazelle");
  assert.deepEqual(await outcomeOf(world, "losses.protected", "notes", "ins_1"), kept);
});

// A subscription is usually made by the superuser, who is a person elsewhere.
Deno.test(
  `logical replication: what a subscription of a superuser brings is nobody's edit${reason}`,
  { ignore },
  async () => {
    await using world = await ownershipWorld();
    await replicate(world, (table) => `update ${table} set notes = 'from Gazelle'`, "postgres");
    assert.deepEqual(await outcomeOf(world, "losses.protected", "notes", "ins_1"), {
      ...byHand,
      blocked: blocked("from Gazelle", "by hand", 1, "unknown"),
    });
  },
);

// No trigger of a statement fires, so nothing brings the value back there: verify finds it.
Deno.test(
  `logical replication: verify finds what a delete and insert lost${reason}`,
  { ignore },
  async () => {
    await using world = await ownershipWorld();
    await replicate(
      world,
      (table) => `delete from ${table}; insert into ${table} values (1, 'ins_1', 'from Gazelle')`,
    );
    const lost = await world
      .sql`select col, expected, found from ownership.verify() where key = 'ins_1' and col = 'notes'`;
    assert.deepEqual([...lost], [{ col: "notes", expected: "by hand", found: "from Gazelle" }]);
  },
);

/** The rows edited by hand; then the publisher writes to its own tables, and that has arrived. */
async function replicate(
  world: World,
  write: (table: string) => string,
  owner: "feed" | "postgres" = "feed",
): Promise<void> {
  await using publisher = await testDatabase("template0");
  for (const table of tables) await editByHand(world, table);
  await publish(publisher.sql);
  await using _subscription = await subscribe(world, publisher, owner);
  await publisher.sql.unsafe(tables.map(write).join(";"));
  await publisher.sql.unsafe("insert into losses.clients values ('applied')");
  await applied(world);
}

async function publish(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create schema losses;
    create table losses.clients (external_id text primary key);
    create table losses.naive (id bigint, external_id text primary key, notes text);
    create table losses.protected (like losses.naive including all);
    insert into losses.naive values (1, 'ins_1');
    insert into losses.protected values (1, 'ins_1');
    create publication losses for all tables`);
}

/** Subscribes as the superuser, or as a role of its own that is registered as low as the sync. */
async function subscribe(
  { sql }: World,
  publisher: { url: string; sql: postgres.Sql },
  owner: "feed" | "postgres",
): Promise<AsyncDisposable> {
  const slot = `losses_${crypto.randomUUID().replaceAll("-", "")}`;
  // A subscription in the publisher's own server waits for itself when it makes the slot.
  await publisher.sql`select pg_create_logical_replication_slot(${slot}, 'pgoutput')`;
  await sql.unsafe(`
    create role feed superuser login;
    select ownership.register_writer('feed', 10, 'the publisher');
    alter table losses.naive replica identity using index naive_external_id_key;
    alter table losses.protected replica identity using index protected_external_id_key`);
  await sql.unsafe(`
    create subscription ${slot} connection '${publisher.url}' publication losses
    with (create_slot = false, copy_data = false, enabled = false)`);
  await sql.unsafe(`alter subscription ${slot} owner to ${owner}`);
  await sql.unsafe(`alter subscription ${slot} enable`);
  return {
    async [Symbol.asyncDispose]() {
      await sql.unsafe(`alter subscription ${slot} disable`);
      await sql.unsafe(`alter subscription ${slot} set (slot_name = none)`);
      await sql.unsafe(`drop subscription ${slot}`);
      await sql.unsafe("drop role feed");
      await publisher
        .sql`select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = ${slot}`;
      await released(publisher.sql, slot);
      await publisher.sql`select pg_drop_replication_slot(${slot})`;
    },
  };
}

async function applied({ sql }: World): Promise<void> {
  for (let look = 0; look < 1_000_000; look++) {
    if ((await sql`select from losses.clients where external_id = 'applied'`).length > 0) return;
  }
  throw new Error("the subscriber never applied the publisher's last write");
}

async function released(sql: postgres.Sql, slot: string): Promise<void> {
  for (let look = 0; look < 1_000_000; look++) {
    if ((await sql`select from pg_replication_slots where slot_name = ${slot} and active`).length === 0) {
      return;
    }
  }
  throw new Error(`the slot ${slot} stays active`);
}
