import { parse, type SqlError } from "libpg-query";
import type postgres from "postgres";
import { problem } from "../supabase/functions/_shared/problem.ts";

export interface Statement {
  text: string;
  /** The line of its first word in the file, from 1. */
  line: number;
}

/** Splits a file into statements with the parser of Postgres. Comments before a statement are left out. */
export async function splitStatements(text: string, file: string): Promise<Statement[]> {
  // For an empty text the parser returns no tree.
  if (text.trim() === "") return [];
  const bytes = new TextEncoder().encode(text);
  const decode = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
  const { stmts = [] } = await parseOrExplain(text, file);
  return stmts.map(({ stmt_location: from = 0, stmt_len: length }) => {
    const whole = decode(from, length === undefined ? bytes.length : from + length);
    const start = from + new TextEncoder().encode(leadingNoise.exec(whole)?.[0] ?? "").length;
    return {
      text: decode(start, length === undefined ? bytes.length : from + length),
      line: lineAt(decode(0, start)),
    };
  });
}

interface ParseTree {
  stmts?: { stmt_location?: number; stmt_len?: number }[];
}

// White space, line comments and block comments (nested ones do not occur in front of a statement here).
const leadingNoise = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;

async function parseOrExplain(text: string, file: string): Promise<ParseTree> {
  try {
    return await parse(text) as ParseTree;
  } catch (error) {
    const { message, sqlDetails } = error as SqlError;
    const line = lineAt(text.slice(0, sqlDetails?.cursorPosition ?? 0));
    throw problem("42601", `${file}:${line}: ${message}`, {
      hint: "Only SQL is understood here, no psql commands.",
    });
  }
}

export function lineAt(before: string): number {
  return before.split("\n").length;
}

/** Runs one statement of a file; an error says where in the file. */
export async function execute(
  sql: postgres.Sql | postgres.TransactionSql,
  statement: Statement,
  file: string,
): Promise<postgres.RowList<postgres.Row[]>> {
  try {
    return await sql.unsafe(statement.text).simple();
  } catch (error) {
    throw explain(error as postgres.PostgresError, statement, file);
  }
}

/** The error of the database, with the file and the line. */
function explain(error: postgres.PostgresError, statement: Statement, file: string): Error {
  const within = lineAt(statement.text.slice(0, Math.max(0, Number(error.position ?? 1) - 1)));
  const line = statement.line + within - 1;
  const details = [error.detail, error.where].filter((text) => text !== undefined).join("\n  ");
  return problem(error.code, `${file}:${line}: ${error.message}`, { details, hint: error.hint });
}
