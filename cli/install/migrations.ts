// The migrations of the ownership engine that this command line has. The version of an engine is their number.

import { readdir, readFile } from "node:fs/promises";
import { migrationsFolder } from "../package.ts";

export interface EngineMigration {
  /** "ownership_engine": what its file is called everywhere, behind a number or time. */
  subject: string;
  text: string;
}

/** In the order in which they are applied. */
export async function engineMigrations(): Promise<EngineMigration[]> {
  return await Promise.all((await fileNames()).map(async (name) => ({
    subject: name.replace(/^\d+_/, "").replace(/\.sql$/, ""),
    text: await readFile(new URL(name, migrationsFolder), "utf8"),
  })));
}

/** Of the engine that this command line belongs to. */
export async function engineVersion(): Promise<number> {
  return (await fileNames()).length;
}

async function fileNames(): Promise<string[]> {
  return (await readdir(migrationsFolder)).filter((name) => /^\d+_ownership_\w+\.sql$/.test(name)).sort();
}
