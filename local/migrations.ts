import { readdir, readFile } from "node:fs/promises";
import type postgres from "postgres";
import { isProblem, problem } from "../supabase/functions/_shared/problem.ts";
import { execute, splitStatements, type Statement } from "./statements.ts";

export interface Migrated {
  /** The files that were applied, in order. */
  applied: string[];
  /** How many files had been applied before. 0 means that the database was empty. */
  before: number;
}

/** Gives a bare Postgres what a hosted project starts with. Can be repeated. */
export async function applyPlatform(sql: postgres.Sql): Promise<void> {
  for (const file of ["platform.sql", ...(await hasCron(sql) ? [] : ["cron.sql"])]) {
    await sql.unsafe(await readFile(new URL(`./${file}`, import.meta.url), "utf8")).simple();
  }
}

/** Whether the server has the real pg_cron, and has it for this database. */
async function hasCron(sql: postgres.Sql): Promise<boolean> {
  const [found] = await sql<{ here: boolean | null }[]>`
    select current_setting('cron.database_name', true) = current_database() as here`;
  return found?.here ?? false;
}

/**
 * Applies the files that are not on record in the database. Like the Supabase CLI, it runs and records each file in
 * one transaction.
 */
export async function applyMigrations(
  sql: postgres.Sql,
  directory: string,
  onApplied: (name: string) => void = () => {},
): Promise<Migrated> {
  await createRecords(sql);
  const migrations = await readMigrations(directory);
  const records = await sql<Record[]>`
    select version, statements from supabase_migrations.schema_migrations order by version`;
  refuseRewrittenPast(migrations, records);
  const pending = migrations.slice(records.length);
  for (const migration of pending) {
    await applyMigration(sql, migration);
    onApplied(migration.file);
  }
  return { applied: pending.map(({ file }) => file), before: records.length };
}

/** Runs supabase/seed.sql in one transaction, and records nothing. */
export async function applySeed(sql: postgres.Sql, path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const file = path.split("/").at(-1)!;
  await sql.begin(async (transaction) => {
    for (const statement of await splitStatements(text, file)) await execute(transaction, statement, file);
  });
}

interface Record {
  version: string;
  statements: string[] | null;
}

interface Migration {
  file: string;
  version: string;
  name: string;
  statements: Statement[];
}

async function createRecords(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    set client_min_messages = warning;
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
      version text primary key,
      statements text[],
      name text
    );
    reset client_min_messages;
  `).simple();
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory).catch(() => [])).filter((file) => file.endsWith(".sql")).sort();
  return await Promise.all(files.map(async (file) => {
    const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? [];
    if (version === undefined || name === undefined) throw misnamed(file);
    const text = await readFile(`${directory}/${file}`, "utf8");
    return { file, version, name, statements: await splitStatements(text, file) };
  }));
}

function misnamed(file: string): Error {
  return problem("migration_name", `${file} is not a migration's name.`, {
    hint: "Name it <timestamp>_<subject>.sql.",
  });
}

/** The files that were applied must still be there, unchanged and in the same order. New files may only follow. */
function refuseRewrittenPast(migrations: Migration[], records: Record[]): void {
  records.forEach((record, place) => {
    const migration = migrations[place];
    if (migration?.version !== record.version) throw displaced(record.version, migration);
    const statements = migration.statements.map(({ text }) => text);
    if (record.statements === null || sameTexts(statements, record.statements)) return;
    throw problem(
      "migration_changed",
      `${migration.file} was changed after it had been applied to this database.`,
      { hint: "Put the change into a new migration, or start over with --fresh." },
    );
  });
}

const sameTexts = (a: string[], b: string[]) =>
  a.length === b.length && a.every((text, place) => text === b[place]);

function displaced(version: string, found: Migration | undefined): Error {
  return problem(
    "migration_order",
    `The database has migration ${version}, where the folder has ${found?.file ?? "no further file"}.`,
    {
      details: "A file that was applied is gone, or a new file sorts before it.",
      hint: "Give new files a later timestamp, restore the missing one, or start over with --fresh.",
    },
  );
}

async function applyMigration(
  sql: postgres.Sql,
  { file, version, name, statements }: Migration,
): Promise<void> {
  await sql.begin(async (transaction) => {
    // Settings that an earlier file changed on this connection must not affect this file.
    await transaction.unsafe("reset all");
    for (const statement of statements) {
      await execute(transaction, statement, file).catch((error) => {
        throw isProblem(error) && alreadyThere.has(error.code) ? halfApplied(error, file, version) : error;
      });
    }
    await transaction.unsafe("reset all");
    await transaction`
      insert into supabase_migrations.schema_migrations (version, name, statements)
      values (${version}, ${name}, ${statements.map(({ text }) => text)})`;
  });
}

/** SQLSTATEs of a schema, relation, object, function or column that exists already. */
const alreadyThere = new Set(["42P06", "42P07", "42710", "42723", "42701"]);

function halfApplied(error: Error, file: string, version: string): Error {
  return problem("migration_half_applied", `${error.message}, and the file is not on record`, {
    details: "It was run by hand, or broken off outside a transaction. Nothing of it was applied now.",
    hint:
      `If all of ${file} was run, put it on record: insert into supabase_migrations.schema_migrations (version) ` +
      `values ('${version}'). If a part of it, take that back; what something else made is renamed, not dropped. ` +
      "Then install again.",
  });
}
