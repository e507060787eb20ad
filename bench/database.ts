// The Postgres server of a bench. What is timed runs in a fresh copy of a database that was prepared before.

import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { applyMigrations, applyPlatform } from "../local/migrations.ts";
import { startPostgres } from "../local/postgres.ts";
import { temporaryFolder } from "./platform.ts";

export interface BenchServer extends AsyncDisposable {
  /** The version of Postgres, for instance "17.10". */
  version: string;
  /**
   * Makes a database to copy from: `prepare` changes a copy of `from`, which is by default a database with the ownership
   * engine and the tables of `bench -- guard`. @returns the name of the new database
   */
  template(name: string, prepare: Prepare, from?: string): Promise<string>;
  /** Copies a template and connects to the copy, which is dropped when it is disposed of. */
  copy(template: string): Promise<BenchDatabase>;
  drop(name: string): Promise<void>;
}

export interface BenchDatabase extends AsyncDisposable {
  /** For further connections as the superuser. */
  url: string;
  /** A session of the superuser, in whom the engine sees a person. */
  person: postgres.Sql;
  /** A session of the role `etiquette_bench_sync`, a writer of rank 10. */
  sync: postgres.Sql;
}

export type Prepare = (person: postgres.Sql, sync: postgres.Sql) => Promise<unknown>;

export const writer = "etiquette_bench_sync";

/** Like those of a small production server: whatever keeps data safe in a crash stays on. */
const settings = { fsync: "on", shared_buffers: "256MB", max_wal_size: "4GB", checkpoint_timeout: "30min" };

/** Uses the server at the address `given`, whose superuser must be called `postgres`. Without an address, starts a server. */
export async function openServer(given: string | undefined): Promise<BenchServer> {
  await using stack = new AsyncDisposableStack();
  const url = given ?? await ownServer(stack);
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  stack.defer(() => admin.end({ timeout: 5 }));
  const prefix = `etiquette_bench_${crypto.randomUUID().slice(0, 8)}`;
  const made = new Set<string>();
  let copies = 0;
  const drop = async (name: string) => {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    made.delete(name);
  };
  await admin.unsafe(
    `do $$ begin create role ${writer} nologin; exception when duplicate_object then null; end $$`,
  );
  stack.defer(async () => {
    for (const name of [...made].reverse()) await drop(name);
    await admin.unsafe(`drop role if exists ${writer}`);
  });
  const create = async (name: string, from: string) => {
    await admin.unsafe(`create database ${name} template ${from} strategy file_copy`);
    made.add(name);
    return connect(url, name);
  };
  const base = `${prefix}_engine`;
  await finish(await create(base, "template0"), installEngine);
  const owned = stack.move();
  const [row] = await admin`show server_version`;
  return {
    version: String(row?.server_version).split(" ")[0]!,
    drop,
    async template(name, prepare, from = base) {
      await finish(await create(`${prefix}_${name}`, from), prepare, from === "template0" ? [] : changing);
      return `${prefix}_${name}`;
    },
    async copy(template) {
      const name = `${prefix}_copy_${++copies}`;
      const database = await create(name, template);
      return {
        ...database,
        async [Symbol.asyncDispose]() {
          await close(database);
          await drop(name);
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function ownServer(stack: AsyncDisposableStack): Promise<string> {
  const folder = await temporaryFolder(stack);
  const server = await startPostgres({ dataDir: `${folder}/data`, port: 0, settings });
  stack.defer(() => server.stop());
  return server.url;
}

type Sessions = { url: string; person: postgres.Sql; sync: postgres.Sql };

function connect(url: string, database: string): Sessions {
  const target = new URL(url);
  target.pathname = `/${database}`;
  const open = (connection: Record<string, string>) =>
    postgres(target.href, { max: 1, onnotice: () => {}, connection });
  return { url: target.href, person: open({}), sync: open({ role: writer }) };
}

async function close({ person, sync }: Sessions): Promise<void> {
  await Promise.all([person.end({ timeout: 5 }), sync.end({ timeout: 5 })]);
}

/** Prepares a database and vacuums the tables of `schemas`, or all tables, the catalog's among them. */
async function finish(sessions: Sessions, prepare: Prepare, schemas: string[] = []): Promise<void> {
  const { person, sync } = sessions;
  await prepare(person, sync);
  const tables = await person<{ name: string }[]>`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace::regnamespace::text = any(${schemas})`;
  await person.unsafe(`vacuum (freeze, analyze) ${tables.map(({ name }) => name).join(", ")}`);
  await close(sessions);
}

/** What changes in a copy of a database that has been vacuumed: the tables of the bench and of the engine. */
const changing = ["bench", "ownership_private"];

/** The folder of this project's migrations. */
export const migrations = fileURLToPath(new URL("../supabase/migrations", import.meta.url));

/** Installs the whole project into an empty database. */
export async function installAll(person: postgres.Sql): Promise<void> {
  await applyPlatform(person);
  await applyMigrations(person, migrations);
}

/** Installs the engine alone, with the bench's table and the peers of `bench -- guard`. */
async function installEngine(person: postgres.Sql): Promise<void> {
  const names = (await readdir(migrations)).filter((name) => name.includes("_ownership_")).sort();
  const files = [
    ...names.map((name) => `${migrations}/${name}`),
    new URL("tables.sql", import.meta.url),
    new URL("peers.sql", import.meta.url),
  ];
  for (const file of files) await person.unsafe(await readFile(file, "utf8")).simple();
  await person.unsafe(`
    create extension if not exists pg_prewarm;
    grant usage on schema bench to ${writer};
    grant select, insert, update, delete on all tables in schema bench to ${writer};
    select ownership.register_writer('${writer}', 10, 'the bench')`).simple();
}
