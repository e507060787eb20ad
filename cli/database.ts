// The database a command works on: the one that is named, else that of the local platform while it runs.

import { readFile } from "node:fs/promises";
import postgres from "postgres";
import { problem } from "../local/problem.ts";

export interface DatabaseOptions {
  /** As a person: postgres://postgres:…@host:port/postgres. */
  database?: string;
  /** Folder of the local platform. */
  data: string;
}

/** Calls `work` with a session of a person's, and closes it afterwards. @throws no_database */
export async function withDatabase<T>(
  options: DatabaseOptions,
  signal: AbortSignal,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const url = options.database ?? await localUrl(options.data);
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  // The statement under way ends with its session, and what it did is rolled back.
  signal.addEventListener("abort", () => sql.end({ timeout: 0 }));
  try {
    await sql`select`.catch((error) => {
      throw noDatabase(`Postgres at ${placeOf(url)} does not answer.`, error.message);
    });
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Postgres writes its port into its data folder while it runs. */
async function localUrl(folder: string): Promise<string> {
  const read = (name: string) => readFile(`${folder}/${name}`, "utf8");
  try {
    const [password, mark] = await Promise.all([read("postgres.password"), read("postgres/postmaster.pid")]);
    return `postgres://postgres:${password.trim()}@127.0.0.1:${mark.split("\n")[3]}/postgres`;
  } catch {
    throw noDatabase(`No local platform runs on ${folder}.`, "");
  }
}

/** Without the password. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the given URL";
}

function noDatabase(message: string, details: string): Error {
  const hint =
    "Start it with npm start, or name a database: --database postgres://… or ETIQUETTE_DATABASE_URL.";
  return problem("no_database", message, details, hint);
}
