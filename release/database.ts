// Throw-away databases in which migrations are tried.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import postgres from "postgres";
import { applyPlatform } from "../local/migrations.ts";
import { startPostgres, throwaway } from "../local/postgres.ts";
import type { MigrationFile } from "./build.ts";
import { apply, readCatalogue } from "./catalogue.ts";

/** What each of several lists of migrations makes of an empty database, on one server: a catalogue a list. */
export async function cataloguesOf(...lists: MigrationFile[][]): Promise<string[][]> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(`${tmpdir()}/etiquette-catalogue-`);
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const settings = { ...throwaway, wal_level: "logical" };
  const server = await startPostgres({ dataDir: `${folder}/data`, port: 0, settings });
  stack.defer(() => server.stop());
  const catalogues: string[][] = [];
  for (const [place, migrations] of lists.entries()) {
    catalogues.push(await catalogueOf(server.url, `catalogue_${place}`, migrations));
  }
  return catalogues;
}

async function catalogueOf(server: string, name: string, migrations: MigrationFile[]): Promise<string[]> {
  const administrator = postgres(server, { max: 1, onnotice: () => {} });
  await administrator.unsafe(`create database ${name} template template0`).finally(() => administrator.end());
  const url = new URL(server);
  url.pathname = `/${name}`;
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  try {
    await applyPlatform(sql);
    await apply(sql, migrations);
    return await readCatalogue(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
