import assert from "node:assert/strict";
import { install } from "../../cli/commands/install.ts";
import { uninstall } from "../../cli/commands/uninstall.ts";
import { engineMigrations } from "../../cli/install/migrations.ts";
import { type OwnDatabase, ownDatabase } from "../fixtures/own-database.ts";
import { problemOf } from "../fixtures/problems.ts";

const options = ({ url }: OwnDatabase) => ({ database: url, data: "none" });
const signal = new AbortController().signal;

const engine = (await engineMigrations())[0]!.text;

/** What stands in the way, what is told, and what the next install does once that is heeded. */
const cases: Record<
  string,
  { makes: (database: OwnDatabase) => string; code: string; says: RegExp; mends: string[] }
> = {
  "a schema of somebody else's has the name": {
    makes: () => "create schema ownership; create table ownership.deeds (id integer)",
    code: "engine_foreign",
    says: /has a schema ownership that is not the ownership engine's.*alter schema ownership rename to/s,
    mends: ["alter schema ownership rename to deeds"],
  },
  "so has one that has a version of its own": {
    makes: () =>
      `create schema ownership; create schema ownership_private;
      create function ownership.version() returns integer language sql as 'select 1'`,
    code: "engine_foreign",
    says: /alter schema ownership rename to/,
    mends: ["drop schema ownership, ownership_private cascade"],
  },
  "an install was broken off that was in no transaction": {
    makes: () => engine.split("-- From supabase/schemas/ownership/guard.sql")[0]!,
    code: "engine_unfinished",
    says: /broken off.*drop schema ownership, ownership_private cascade/s,
    mends: ["drop schema ownership, ownership_private cascade"],
  },
  "half of the schemas": {
    makes: () => "create schema ownership_private",
    code: "engine_foreign",
    says: /alter schema ownership_private rename to/,
    mends: ["drop schema ownership_private"],
  },
  "the database takes no writes": {
    makes: ({ owner }) => `alter role ${owner} set default_transaction_read_only = on`,
    code: "database_read_only",
    says: /takes no writes.*Nothing was changed/s,
    mends: ["reset"],
  },
};

for (const [name, { makes, code, says, mends }] of Object.entries(cases)) {
  Deno.test(`an install is refused, and done once that is mended: ${name}`, async () => {
    await using database = await ownDatabase();
    const { owner, superuser } = database;
    await superuser.unsafe(makes(database)).simple();
    const before = await objects(database);
    const told = await problemOf(install(options(database), signal));
    assert.equal(told.code, code);
    assert.match(`${told.message} ${told.hint}`, says);
    assert.deepEqual(await objects(database), before);
    for (const mend of mends) {
      await superuser.unsafe(mend === "reset" ? `alter role ${owner} reset all` : mend).simple();
    }
    assert.equal((await install(options(database), signal)).version, 1);
  });
}

Deno.test("a role that may make no schemas is told so, and what to type", async () => {
  await using database = await ownDatabase();
  const { owner, superuser } = database;
  const name = new URL(database.url).pathname.slice(1);
  await superuser.unsafe(
    `alter database ${name} owner to current_user; revoke create on database ${name} from ${owner}`,
  )
    .simple();
  const told = await problemOf(install(options(database), signal));
  assert.equal(told.code, "may_not_install");
  const [, statement] = /: (grant create on database \w+ to \w+);/.exec(told.hint) ?? [];
  await superuser.unsafe(statement!);
  assert.deepEqual(await install(options(database), signal).then(({ version, rank }) => [version, rank]), [
    1,
    100,
  ]);
});

Deno.test("an engine that is newer, or another's to upgrade, is left alone", async () => {
  await using database = await ownDatabase();
  const { sql } = database;
  await install(options(database), signal);
  const version = (number: number) =>
    sql.unsafe(
      `create or replace function ownership.version() returns integer language sql immutable parallel safe
      set search_path = pg_catalog, pg_temp as 'select ${number}'`,
    );
  await version(2);
  for (const work of [install, uninstall]) {
    const told = await problemOf(work(options(database), signal) as Promise<unknown>);
    assert.equal(told.code, "database_newer");
    assert.match(told.message, /has version 2, and this command line knows 1/);
  }
  await version(1);
  assert.equal((await install(options(database), signal)).before, 1);
  const told = await problemOf(install({ ...options(database), database: database.syncUrl }, signal));
  assert.equal(told.code, "may_not_install");
  assert.match(`${told.message} ${told.hint}`, /belongs to (\w+), and you are nightly_\w+\. Log in as \1/);
});

Deno.test("on a server that has no role postgres, its owner is a person, and the engine is sound", async () => {
  await using database = await ownDatabase();
  const { owner, superuser } = database;
  await superuser.unsafe(`alter role ${owner} superuser`);
  await install(options(database), signal);
  const { sql } = database;
  await sql.unsafe("begin; alter role postgres rename to nobody_special").simple();
  const [problems, me] = [
    await sql`select * from ownership.health()`,
    await sql`select writer, rank from ownership.whoami()`,
  ];
  await sql`rollback`;
  assert.deepEqual([[...problems], [...me]], [[], [{ writer: owner, rank: 100 }]]);
});

Deno.test("two that install at once take turns, and one that is broken off leaves nothing", async () => {
  await using database = await ownDatabase();
  const both = await Promise.all([1, 2].map(() => install(options(database), signal)));
  assert.deepEqual(both.map(({ before }) => before).sort(), [0, 1]);
  await uninstall({ ...options(database), apply: true }, signal);

  const stop = new AbortController();
  const begun = install(options(database), stop.signal).catch(() => null);
  const { superuser } = database;
  const atWork = () =>
    superuser`select from pg_stat_activity where query like '%ownership_private%' and state = 'active' and pid <> pg_backend_pid()
    and datname = current_database()`;
  while ((await atWork()).length === 0) await new Promise((done) => setTimeout(done, 5));
  stop.abort();
  assert.equal(await begun, null);
  assert.deepEqual(
    [...await superuser`select nspname from pg_namespace where nspname like 'ownership%'`],
    [],
  );
  assert.equal((await install(options(database), signal)).before, 0);
});

async function objects({ superuser }: OwnDatabase): Promise<unknown[]> {
  return [
    ...await superuser`
    select n.nspname, c.relname as name from pg_namespace n left join pg_class c on c.relnamespace = n.oid
    where n.nspname like 'ownership%' union all
    select n.nspname, p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname like 'ownership%'
    order by 1, 2`,
  ];
}
