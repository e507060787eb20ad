// After a release the schema files go on saying what the database is; a new migration brings released databases there.

import { writeFile } from "node:fs/promises";
import { parse } from "libpg-query";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { splitStatements } from "../local/statements.ts";
import { buildBaseline, type MigrationFile } from "./build.ts";
import { readMigrationFiles, readReleased } from "./checksums.ts";

/**
 * Writes the next migration: functions, views, comments and grants of the schema files that no migration has yet, word
 * for word; and a place for each other statement that must be written by hand, such as a new column.
 *
 * @param supabase the folder supabase/
 * @param subject what it is about: letters, digits and underscores
 * @returns the name of the file
 * @throws `migration_name` for another subject, `nothing_released` before the first release, `nothing_new` where the
 * migrations have every statement
 */
export async function writeNext(supabase: URL, subject = ""): Promise<string> {
  if (!/^[a-z][a-z0-9_]*$/.test(subject)) {
    throw problem("migration_name", `${JSON.stringify(subject)} is no subject of a migration.`, {
      hint: "Lower-case letters, digits and underscores: npm run migrations -- --new add_bench_column",
    });
  }
  if ((await readReleased(supabase)).size === 0) {
    throw problem("nothing_released", "Nothing is released yet, so the baseline itself is built anew.", {
      hint: "npm run migrations",
    });
  }
  const statements = await newStatements(await buildBaseline(supabase), await readMigrationFiles(supabase));
  if (statements.length === 0) {
    throw problem("nothing_new", "The migrations have every statement of the schema files.");
  }
  const file = `${new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14)}_${subject}.sql`;
  await writeFile(new URL(`migrations/${file}`, supabase), textOf(subject, statements));
  return file;
}

export interface NewStatement {
  text: string;
  /** Why it can't be taken as it is, if so. */
  byHand: boolean;
}

/**
 * Statements of the schema files that differ from the last ones about the same object in the migrations. A statement that
 * is neither about a named object nor repeatable, like `create table`, is new when no migration has it word for word.
 */
export async function newStatements(
  schemas: MigrationFile[],
  migrations: MigrationFile[],
): Promise<NewStatement[]> {
  const [wanted, there] = [await lastOfEach(schemas), await lastOfEach(migrations)];
  return [...wanted].filter(([key, { text }]) => there.get(key)?.text !== text)
    .map(([, { text, isRepeatable }]) => ({ text: repeatable(text), byHand: !isRepeatable }));
}

/** The last statement about each object: it is the one that counts. */
async function lastOfEach(files: MigrationFile[]) {
  return new Map((await describeAll(files)).map((statement) => [statement.key, statement]));
}

const repeatable = (text: string) => text.replace(/^create (function|view)/, "create or replace $1");

async function describeAll(files: MigrationFile[]) {
  const statements = await Promise.all(
    files.map(async ({ file, text }) => await splitStatements(text, file)),
  );
  return await Promise.all(statements.flat().map(async ({ text }) => await describeStatement(text)));
}

/** What a statement is about: the same key for two versions of one function, view, comment or grant. */
async function describeStatement(written: string) {
  const text = written.replace(/^create or replace/, "create");
  const { stmts } = await parse(written) as { stmts: { stmt: Record<string, Record<string, unknown>> }[] };
  const [kind, node] = Object.entries(stmts[0]!.stmt)[0]!;
  const about = objectOf[kind]?.(node);
  // Grants are laid over one another: each stands for itself.
  return {
    key: about === undefined ? text : `${kind} ${JSON.stringify(strip(about))}`,
    text,
    isRepeatable: kind in objectOf,
  };
}

const objectOf: Record<string, (node: Record<string, unknown>) => unknown> = {
  CreateFunctionStmt: ({ funcname, parameters }) => [
    funcname,
    (parameters as { FunctionParameter: { argType: unknown; mode: string } }[] | undefined ?? [])
      .filter(({ FunctionParameter: { mode } }) => !/OUT|TABLE/.test(mode)).map(({ FunctionParameter }) =>
        FunctionParameter.argType
      ),
  ],
  ViewStmt: ({ view }) => view,
  CommentStmt: ({ objtype, object }) => [objtype, object],
  GrantStmt: () => undefined,
};

/** Without places in the text, which move when a line is added above. */
function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip);
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).filter(([name]) => name !== "location").map(([name, value]) => [name, strip(value)]),
  );
}

function textOf(subject: string, statements: NewStatement[]): string {
  const parts = statements.map(({ text, byHand }) =>
    byHand
      ? `-- By hand, over data in place, what the schema files now say so:\n${text.replace(/^/gm, "-- ")}\n`
      : `${text};\n`
  );
  return `-- ${subject.replaceAll("_", " ")}\n\n${parts.join("\n")}
select ownership.repair();
select ownership.record_fingerprints();
select shop.record_grants();
`;
}
