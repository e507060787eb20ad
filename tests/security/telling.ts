// What the project tells: everything that it answered, logged and stored, searched for what it should have kept to itself.

import { readdir, readFile } from "node:fs/promises";
import { Buffer } from "node:buffer";
import type postgres from "postgres";

export type Told = { place: string; text: string };

/** Each secret that was told, with where. In any case and notation of JSON, HTML and addresses, or in base64. */
export function leaks(secrets: Record<string, string>, told: Told[]): string[] {
  const read = told.map(({ place, text }) => ({ place, text: inPlain(text) }));
  return Object.entries(secrets).flatMap(([name, secret]) => {
    if (secret.length < 8) throw new Error(`${name} is too short to be looked for`);
    const forms = [secret, Buffer.from(secret).toString("base64")].map((form) => form.toLowerCase());
    return read.filter(({ text }) => forms.some((form) => text.includes(form)))
      .map(({ place }) => `${name} in ${place}`);
  });
}

/** What is written with escapes, as it reads. Twice, for what was escaped again. */
function inPlain(text: string): string {
  const letter = (_: string, hex: string) => String.fromCharCode(parseInt(hex, 16));
  const once = (written: string) =>
    written.replace(/\\+u([0-9a-f]{4})/gi, letter).replace(/%([0-7][0-9a-f])/gi, letter)
      .replace(/&#x([0-9a-f]{2});/gi, letter).replace(/\\+([^a-z0-9])/gi, "$1");
  return once(once(text)).toLowerCase();
}

/** Every row of every table of every schema, but those of Vault. */
export async function everyTable(sql: postgres.Sql): Promise<Told[]> {
  const tables = await sql<{ place: string; schema: string; name: string }[]>`
    select c.oid::regclass::text as place, c.relnamespace::regnamespace::text as schema, c.relname as name
    from pg_class c
    where c.relkind in ('r', 'm', 'f') and c.relnamespace::regnamespace::text not in ('vault', 'information_schema')`;
  return await Promise.all(tables.map(async ({ place, schema, name }) => {
    const [rows] = await sql<{ text: string | null }[]>`
      select string_agg(to_jsonb(t)::text, e'\n') as text from ${sql(schema)}.${sql(name)} t`;
    return { place: `table ${place}`, text: rows?.text ?? "" };
  }));
}

export async function everyLog(folder: string): Promise<Told[]> {
  const names = await readdir(folder);
  return await Promise.all(names.map(async (name) => ({
    place: `log ${name}`,
    text: await readFile(`${folder}/${name}`, "utf8"),
  })));
}

/** The log of the server itself, where it is ours. */
export async function serverLog(sql: postgres.Sql): Promise<Told[]> {
  const [row] = await sql<{ folder: string }[]>`
    select coalesce(current_setting('local.data_directory', true), current_setting('data_directory')) as folder`;
  const text = await readFile(`${row?.folder}.log`, "utf8").catch(() => "");
  return [{ place: "log of Postgres", text }];
}
