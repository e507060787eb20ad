// The schema files: what the database is, one topic a file, in the order of `schema_paths` in supabase/config.toml.

import { readdir, readFile } from "node:fs/promises";
import { parse as parseToml } from "smol-toml";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { baseline, type BaselineName, migrationOf } from "./baseline.ts";

export interface SchemaFile {
  /** From supabase/schemas: "ownership/tables.sql". */
  path: string;
  text: string;
}

/** A run of lines of a schema file that belong to one migration. */
export interface Section {
  path: string;
  /** The number of its first line in the file, from 1. */
  line: number;
  migration: BaselineName;
  text: string;
}

/**
 * The schema files in their order.
 *
 * @param supabase the folder supabase/
 * @throws `schema_order` where a file is listed and not there, there and not listed, or listed twice
 */
export async function readSchemas(supabase: URL): Promise<SchemaFile[]> {
  const config = parseToml(await readFile(new URL("config.toml", supabase), "utf8")) as {
    db?: { migrations?: { schema_paths?: string[] } };
  };
  const listed = (config.db?.migrations?.schema_paths ?? []).map((path) => path.replace("./schemas/", ""));
  const there = (await readdir(new URL("schemas/", supabase), { recursive: true })).filter((path) =>
    path.endsWith(".sql")
  );
  for (const path of there) {
    if (!listed.includes(path)) throw misplaced(path, "is there, and not in schema_paths");
  }
  for (const [place, path] of listed.entries()) {
    if (!there.includes(path)) throw misplaced(path, "is in schema_paths, and not there");
    if (listed.indexOf(path) < place) throw misplaced(path, "is in schema_paths twice");
  }
  return await Promise.all(
    listed.map(async (path) => ({
      path,
      text: await readFile(new URL(`schemas/${path}`, supabase), "utf8"),
    })),
  );
}

function misplaced(path: string, what: string): Error {
  return problem("schema_order", `supabase/schemas/${path} ${what}.`, {
    hint: "Files are built in the order of schema_paths in supabase/config.toml: put each there once.",
  });
}

const heading = /^-- migration: (.*)$/;

/**
 * Cuts a schema file at its lines `-- migration: <name>`. What stands above the first of them belongs to the migration
 * of the file's part.
 *
 * @throws `schema_section` where a line names a migration that there is not
 */
export function sectionsOf({ path, text }: SchemaFile): Section[] {
  const part = path.split("/")[0]!;
  const sections: Section[] = [{ path, line: 1, migration: migrationOf(part), text: "" }];
  for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
    const [, name] = heading.exec(line) ?? [];
    if (name === undefined) sections.at(-1)!.text += `${line}\n`;
    else sections.push({ path, line: index + 2, migration: named(name, `${path}:${index + 1}`), text: "" });
  }
  return sections.filter((section) => section.text.trim() !== "");
}

function named(name: string, place: string): BaselineName {
  const found = baseline.find((known) => known === name);
  if (found !== undefined) return found;
  throw problem("schema_section", `supabase/schemas/${place}: there is no migration ${name}.`, {
    details: `There are: ${baseline.join(", ")}.`,
    hint: "Name one of them, or add one to release/baseline.ts.",
  });
}
