// The catalogue of a database as readable lines, so that what two databases are can be compared, and stands in git.

import { readFile } from "node:fs/promises";
import type postgres from "postgres";
import { execute, splitStatements } from "../local/statements.ts";
import type { MigrationFile } from "./build.ts";

/** Objects, then the rows that migrations put into tables. One line each, in an order that does not depend on the server. */
export async function readCatalogue(sql: postgres.Sql): Promise<string[]> {
  const statement = await readFile(new URL("./catalogue.sql", import.meta.url), "utf8");
  const objects = await sql.begin(async (transaction) => {
    // Names are then written with their schemas.
    await transaction`set local search_path = pg_catalog, pg_temp`;
    return await transaction.unsafe<{ line: string }[]>(statement);
  });
  return [...objects.map(({ line }) => line), ...await readRows(sql)];
}

/** Columns whose values differ from one installation to the next. */
const moments = ["timestamp with time zone", "uuid", "oid", "xid", "tid", "pg_snapshot"];
/** Tables whose numbers and columns' places depend on the order of calls, or that other lines say. */
const left =
  /^(ownership_private\.(fingerprints|generated|history|policies|protected_tables)|shop\.granted)$/;

async function readRows(sql: postgres.Sql): Promise<string[]> {
  const tables = await sql<{ name: string; columns: string[] }[]>`
    select c.oid::regclass::text as name, array_agg(quote_ident(a.attname) order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where (c.relkind = 'r' or c.oid = 'ownership.policies'::regclass) and format_type(a.atttypid, null) <> all (${moments})
      and c.relnamespace::regnamespace::text in ('public', 'ownership', 'ownership_private', 'sync', 'gazelle', 'shop', 'pls')
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    group by c.oid order by 1`;
  const lines: string[] = [];
  for (const { name, columns } of tables.filter(({ name }) => !left.test(name))) {
    const rows = await sql.unsafe<{ row: string }[]>(
      `select to_jsonb(t)::text as row from (select ${columns.join(", ")} from ${name}) t order by 1`,
    );
    lines.push(...rows.map(({ row }) => `row of ${name} ${row}`));
  }
  return lines;
}

/** Applies migrations to a database whose platform is there, recording nothing. */
export async function apply(sql: postgres.Sql, migrations: MigrationFile[]): Promise<void> {
  for (const { file, text } of migrations) {
    await sql.begin(async (transaction) => {
      await transaction.unsafe("reset all");
      for (const statement of await splitStatements(text, file)) await execute(transaction, statement, file);
    });
  }
}

/** Lines of one catalogue that the other lacks: what is to be told where two should be equal. */
export function differences(wanted: string[], found: string[]): { missing: string[]; unexpected: string[] } {
  const [all, there] = [new Set(wanted), new Set(found)];
  return {
    missing: wanted.filter((line) => !there.has(line)),
    unexpected: found.filter((line) => !all.has(line)),
  };
}
