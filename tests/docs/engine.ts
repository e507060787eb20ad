// The engine in a database without anything else of this project, installed as the documentation says.

import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import postgres from "postgres";
import { testDatabase } from "../fixtures/database.ts";

const root = new URL("../../", import.meta.url);

/** A document by its name in docs/. */
export function readDocument(name: string): Promise<string> {
  return readFile(new URL(`docs/${name}`, root), "utf8");
}

/** What the documented command sends to psql: one transaction. */
export async function installScript(document: string): Promise<string> {
  const [, pattern = ""] = /^cat supabase\/migrations\/(\S+) \| psql --single-transaction /m.exec(document) ??
    [];
  const [before, ...after] = pattern.split("*").filter((part) => part !== "");
  const matches = (file: string) => file.includes(before!) && after.every((part) => file.endsWith(part));
  const folder = process.env["TEST_MIGRATIONS"] ?? new URL("supabase/migrations", root).pathname;
  const files = (await readdir(folder)).filter(matches).sort();
  const texts = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, "utf8")));
  return `begin;\n${texts.join("")}\ncommit;`;
}

export interface Session extends AsyncDisposable {
  /** One connection, as `postgres`. */
  sql: postgres.Sql;
}

/** A database of its own, empty, with one session. */
export async function emptyDatabase(): Promise<Session> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await testDatabase("template0"));
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 1 }));
  const owned = stack.move();
  return { sql, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
