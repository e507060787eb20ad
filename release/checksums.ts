// Released migrations are frozen: supabase/migrations.sum holds the SHA-256 of each. Until the first release it holds none.

import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { problem } from "../supabase/functions/_shared/problem.ts";
import type { MigrationFile } from "./build.ts";

const sumFile = "migrations.sum";

/** The migrations in supabase/migrations, in their order. */
export async function readMigrationFiles(supabase: URL): Promise<MigrationFile[]> {
  const folder = new URL("migrations/", supabase);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  return await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(new URL(file, folder), "utf8") })),
  );
}

/** File names with their checksums, as they were released. */
export async function readReleased(supabase: URL): Promise<Map<string, string>> {
  const text = await readFile(new URL(sumFile, supabase), "utf8").catch(() => "");
  return new Map(
    text.split("\n").filter((line) => line !== "").map((line) => {
      const [sum, file] = line.split("  ");
      if (!/^[0-9a-f]{64}$/.test(sum ?? "") || file === undefined) throw unreadable(line);
      return [file, sum!];
    }),
  );
}

function unreadable(line: string): Error {
  return problem("migration_sum", `supabase/${sumFile} holds a line that is no checksum: ${line}`, {
    details: "Each line is a SHA-256, two spaces and a file's name, as sha256sum prints it.",
    hint: `Bring the file back: git checkout supabase/${sumFile}`,
  });
}

/** What was done to files that were released: each a sentence with the file's path. */
export function releasedButTouched(files: MigrationFile[], released: Map<string, string>): string[] {
  const missing = [...released.keys()].filter((file) => !files.some((there) => there.file === file));
  const touched = files.filter(({ file, text }) => released.has(file) && released.get(file) !== sumOf(text));
  const lastReleased = [...released.keys()].sort().at(-1) ?? "";
  const early = files.filter(({ file }) => !released.has(file) && file < lastReleased);
  const at = (file: string) => `supabase/migrations/${file}`;
  return [
    ...missing.map((file) => `${at(file)} was released and is gone: git checkout ${at(file)}`),
    ...touched.map(({ file }) =>
      `${at(file)} was released and is changed: git checkout ${
        at(file)
      }; what changes goes into the schema files and a new migration`
    ),
    ...early.map(({ file }) =>
      `${at(file)} sorts before ${lastReleased}, which was released: name it with a later time`
    ),
  ];
}

/** Puts every migration on the list of those that are never edited again. */
export async function freeze(supabase: URL): Promise<string[]> {
  const [files, released] = [await readMigrationFiles(supabase), await readReleased(supabase)];
  const lines = files.map(({ file, text }) => `${sumOf(text)}  ${file}\n`);
  await writeFile(new URL(sumFile, supabase), lines.join(""));
  return files.map(({ file }) => file).filter((file) => !released.has(file));
}

const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");
