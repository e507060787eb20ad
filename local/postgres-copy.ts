import { chmod, cp, lstat, mkdir, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { type Binaries, binariesIn } from "./postgres-binaries.ts";
import { messageOf, problem } from "../supabase/functions/_shared/problem.ts";
import { refuseNoSwitch, type RunAs, runToEnd } from "./run-as.ts";

/** Where copies are kept: the first folder that will do. */
const standard = ["/var/cache/etiquette", "/var/tmp/etiquette", "/tmp/etiquette"];

/**
 * The binaries, where the user who is to run them can: those found, or else a copy, which stays. Root's own
 * may be closed to that user by a folder above them, or by the umask with which they were installed.
 */
export async function reachableBinaries(
  found: Binaries,
  as: RunAs,
  caches: string[] = standard,
): Promise<Binaries> {
  if (as.uid === null) return found;
  const first = await obstacle(found, as);
  if (first === null) return found;
  await refuseNoSwitch(as);
  const obstacles = [first];
  for (const cache of caches) {
    try {
      return await copyIn(cache, found, as);
    } catch (error) {
      obstacles.push(`${cache}: ${messageOf(error)}`);
    }
  }
  throw problem(
    "postgres_unreachable",
    `User ${as.uid}, as whom Postgres runs for root, cannot run it in ${found.folder}, nor in a copy.`,
    {
      details: obstacles.join("\n"),
      hint:
        "Let other users enter each folder above it (chmod o+x) and read it, make one of the other folders " +
        "usable, or run the same command as a normal user.",
    },
  );
}

/** Runs the binaries, and reads them and what is with them: initdb refuses a program that it may not read. */
const attempt = `"$1" --version && "$2" --version && : <"$1" && : <"$2" && : <"$3"`;

/** What keeps the user from it; null when nothing does. */
async function obstacle(binaries: Binaries, as: RunAs): Promise<string | null> {
  const { folder, initdb, postgres } = binaries;
  const files = [initdb, postgres, `${folder}/share/postgresql/postgres.bki`];
  const { code, output } = await runToEnd(as, "/bin/sh", ["-c", attempt, "sh", ...files]);
  return code === 0 ? null : output.trim().split("\n").at(-1)!;
}

async function copyIn(cache: string, found: Binaries, as: RunAs): Promise<Binaries> {
  await makeFolder(cache);
  await refuseForeignHands(cache);
  const copy = moved(found, `${cache}/postgres-${found.build}`);
  if (await isWhole(copy.folder, found.folder) && await obstacle(copy, as) === null) return copy;
  const fresh = moved(found, await mkdtemp(`${cache}/new-`));
  try {
    await copyOpen(found.folder, fresh.folder);
    const left = await obstacle(fresh, as);
    if (left !== null) throw new Error(left);
    await putInPlace(fresh.folder, copy.folder, found.folder);
  } finally {
    await rm(fresh.folder, { recursive: true, force: true });
  }
  return copy;
}

const moved = (binaries: Binaries, folder: string): Binaries => ({ ...binaries, ...binariesIn(folder) });

async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path).then(() => true, (error) => {
    if (error.code === "EEXIST") return false;
    throw error;
  });
  // Whatever our umask is.
  if (made) await chmod(path, 0o755);
}

/** Nobody but root may have put a binary there, or put another folder in its place. */
async function refuseForeignHands(folder: string): Promise<void> {
  let path = `${await realpath(dirname(folder))}/${relative(dirname(folder), folder)}`;
  for (let isOurs = true;; isOurs = false, path = dirname(path)) {
    const { uid, mode } = await lstat(path);
    // In a sticky folder, such as /tmp, others can add entries and not touch ours.
    const isShared = (mode & 0o022) !== 0 && (isOurs || (mode & 0o1000) === 0);
    if (uid !== 0) throw new Error(`${path} belongs to user ${uid}, and not to root`);
    if (isShared) throw new Error(`${path} can be written by others (mode ${(mode & 0o7777).toString(8)})`);
    if (path === "/") return;
  }
}

/** It may not be: programs that clean up such folders delete single files. */
async function isWhole(copy: string, original: string): Promise<boolean> {
  const [found, wanted] = await Promise.all([sizes(copy), sizes(original)]);
  return wanted.size > 0 && [...wanted].every(([path, size]) => found.get(path) === size);
}

/** Of every file below, by its path from there. */
async function sizes(folder: string): Promise<Map<string, number>> {
  const files = (await entries(folder)).filter((entry) => !entry.isDirectory());
  const paths = files.map(({ parentPath, name }) => `${parentPath}/${name}`);
  return new Map(
    await Promise.all(
      paths.map(async (path) =>
        [relative(folder, path), await lstat(path).then(({ size }) => size, () => -1)] as const
      ),
    ),
  );
}

const entries = (folder: string) =>
  readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });

/** Everybody may read the copy, and run what is a program. */
async function copyOpen(original: string, copy: string): Promise<void> {
  await cp(original, copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  for (const entry of await entries(copy)) {
    if (entry.isSymbolicLink()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    const isOpen = entry.isDirectory() || ((await lstat(path)).mode & 0o100) !== 0;
    await chmod(path, isOpen ? 0o755 : 0o644);
  }
}

/** Another start may have been quicker; a copy that is damaged makes way. */
async function putInPlace(fresh: string, copy: string, original: string): Promise<void> {
  try {
    await rename(fresh, copy);
  } catch {
    if (await isWhole(copy, original)) return;
    await rm(copy, { recursive: true, force: true });
    await rename(fresh, copy);
  }
}
