// A database moves as the platform documents it, by schema and then data in replica mode, as a backup, to a newer Postgres,
// and without its grants. What people own stays theirs, and the sync goes on.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { promisify } from "node:util";
import postgres from "postgres";
import { startPostgres, throwaway } from "../../local/postgres.ts";
import { harness, testDatabase } from "../fixtures/database.ts";

const programs = process.env["TEST_POSTGRES_PROGRAMS"] ?? "/usr/lib/postgresql/15/bin";
const execute = promisify(execFile);
const run = (program: string, ...args: string[]) => execute(`${programs}/${program}`, args);

interface Move {
  name: string;
  /** Files in `folder` and options of psql or pg_restore that bring `from` to `to`. */
  move(from: string, to: string, folder: string): Promise<unknown>;
  /** What health finds afterwards; repair and record_fingerprints then mend it. */
  finds?: string[];
  /** Starts another server, and returns its URL. By default it moves to another database of the same one. */
  server?(stack: AsyncDisposableStack, folder: string): Promise<string>;
}

const script = (to: string, ...steps: string[]) =>
  run(
    "psql",
    "--quiet",
    "--no-psqlrc",
    "--set=ON_ERROR_STOP=1",
    "--single-transaction",
    ...steps,
    `--dbname=${to}`,
  );

async function documented(from: string, to: string, folder: string): Promise<void> {
  await run("pg_dump", "--schema-only", `--file=${folder}/schema.sql`, from);
  await run("pg_dump", "--data-only", `--file=${folder}/data.sql`, from);
  await script(
    to,
    `--file=${folder}/schema.sql`,
    "--command=set session_replication_role = replica",
    `--file=${folder}/data.sql`,
  );
}

const moves: Move[] = [
  { name: "schema, then data in replica mode, in one transaction", move: documented },
  {
    name: "a backup in one file",
    move: async (from, to, folder) => {
      await run("pg_dump", "--format=custom", `--file=${folder}/backup`, from);
      await run(
        "pg_restore",
        "--exit-on-error",
        "--single-transaction",
        `--dbname=${to}`,
        `${folder}/backup`,
      );
    },
  },
  {
    name: "a backup that several processes load",
    move: async (from, to, folder) => {
      await run("pg_dump", "--format=directory", "--jobs=2", `--file=${folder}/backup`, from);
      await run("pg_restore", "--exit-on-error", "--jobs=2", `--dbname=${to}`, `${folder}/backup`);
    },
  },
  {
    name: "without grants and owners",
    move: async (from, to, folder) => {
      await run("pg_dump", "--no-privileges", "--no-owner", `--file=${folder}/whole.sql`, from);
      await script(to, `--file=${folder}/whole.sql`);
    },
    finds: ["gate unreadable"],
  },
  { name: "to a newer Postgres", move: documented, finds: ["other Postgres"], server: embedded },
  { name: "to the newest Postgres", move: documented, finds: ["other Postgres"], server: newest },
];

for (const { name, move, finds = [], server } of moves) {
  Deno.test(`a database moves: ${name}`, async () => {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(`${tmpdir()}/etiquette-move-`);
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const from = stack.use(await testDatabase());
    await editByHand(from.sql);
    const before = await books(from.sql);
    const to = server ? await server(stack, folder) : stack.use(await testDatabase("template0")).url;
    await move(from.url, to, folder);
    const sql = postgres(to, { max: 1, onnotice: () => {} });
    stack.defer(() => sql.end({ timeout: 5 }));

    assert.deepEqual(await books(sql), before);
    const problems = await sql<
      { problem: string }[]
    >`select distinct problem from ownership.health() order by 1`;
    assert.deepEqual(problems.map(({ problem }) => problem), finds);
    if (finds.length > 0) {
      await sql`grant usage on schema public to gazelle_sync`;
      await sql`grant select, insert, update, delete on public.boats to gazelle_sync`;
      await sql`select ownership.repair()`;
      await sql`select ownership.record_fingerprints()`;
      assert.deepEqual([...await sql`select * from ownership.health()`], []);
    }
    assert.deepEqual([...await sql`select * from ownership.verify()`], []);
    await goesOn(sql);
  });
}

async function embedded(stack: AsyncDisposableStack, folder: string): Promise<string> {
  const server = await startPostgres({ dataDir: `${folder}/data`, port: 0, settings: throwaway });
  stack.defer(() => server.stop());
  await bringRoles(server.url, folder);
  return server.url;
}

async function newest(_: AsyncDisposableStack, folder: string): Promise<string> {
  const url = process.env["TEST_NEWEST_POSTGRES_URL"];
  assert.ok(url, 'TEST_NEWEST_POSTGRES_URL names an empty Postgres 18, as `.ci/run "a hosted project"` does');
  await bringRoles(url, folder);
  return url;
}

async function bringRoles(to: string, folder: string): Promise<void> {
  await run("pg_dumpall", "--roles-only", `--file=${folder}/roles.sql`, `--dbname=${harness().maintenance}`);
  // It goes on where a role is there already.
  await run("psql", "--quiet", "--no-psqlrc", `--file=${folder}/roles.sql`, `--dbname=${to}`);
}

async function editByHand(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create table public.boats (external_id text primary key, name text, berth integer not null default 0, tags text[]);
    grant select, insert, update, delete on public.boats to gazelle_sync;
    select ownership.protect('public.boats', c) from unnest('{name,berth,tags}'::name[]) c;
    set role gazelle_sync;
    insert into public.boats values ('b1', 'Aurore', 1, '{red,old}'), ('b2', 'Boreas', 2, '{blue}');
    reset role;
    update public.boats set name = 'by hand', berth = 7, tags = '{red,vip}' where external_id = 'b1';
    set role gazelle_sync;
    update public.boats set name = '', berth = 1, tags = '{red,old,new}' where external_id = 'b1';
    reset role;
    select ownership.mark('before the move')`);
}

/** All that the engine knows, and the rows. */
async function books(sql: postgres.Sql): Promise<unknown> {
  const [row] = await sql`
    select
      (select jsonb_agg(b order by b.external_id) from public.boats b) as boats,
      (select jsonb_agg(c order by c.policy_id, c.key, c.element) from ownership_private.claims c) as claims,
      (select jsonb_agg(b order by b.policy_id, b.key, b.source) from ownership_private.bases b) as bases,
      (select jsonb_agg(b order by b.policy_id, b.key, b.offered_hash) from ownership_private.blocked_writes b) as blocked,
      (select jsonb_agg(h order by h.id) from ownership_private.history h) as history,
      (select jsonb_agg(m order by m.id) from ownership_private.marks m) as marks`;
  return row;
}

/** The sync writes on, a row is deleted and comes back, a person edits: as before the move. */
async function goesOn(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    set role gazelle_sync;
    update public.boats set name = 'sent', berth = 2, tags = '{new}' where external_id = 'b1';
    delete from public.boats where external_id = 'b1';
    insert into public.boats values ('b1', '', 3, '{}');
    reset role;
    update public.boats set name = 'edited' where external_id = 'b2';
    set role gazelle_sync;
    update public.boats set name = 'Boreas' where external_id = 'b2';
    reset role`);
  const rows =
    await sql`select external_id, name, berth, tags @> '{vip}' as vip from public.boats order by 1`;
  assert.deepEqual([...rows], [
    { external_id: "b1", name: "by hand", berth: 7, vip: true },
    { external_id: "b2", name: "edited", berth: 2, vip: false },
  ]);
  const [fact] =
    await sql`select max(id) = count(distinct id) + min(id) - 1 as is_in_order from ownership_private.history`;
  assert.ok(fact?.["is_in_order"], "the history goes on where it was");
}
