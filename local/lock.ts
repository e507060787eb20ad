import { readFile, rm, writeFile } from "node:fs/promises";
import { alive } from "./cluster.ts";
import { commandOf } from "./ports.ts";
import { problem } from "../supabase/functions/_shared/problem.ts";

interface Mark {
  pid: number;
  url: string;
  /** Tells the process from a later one with the same number. */
  command: string;
}

/**
 * Takes the lock of the folder, which one process at a time can have. The lock of a process that has ended is
 * taken over. Returns a function that releases it.
 */
export async function takeLock(path: string, url: string, pid: number): Promise<() => Promise<void>> {
  const mark: Mark = { pid, url, command: await commandOf(pid) };
  for (let tries = 0; tries < 3; tries++) {
    const taken = await writeFile(path, JSON.stringify(mark), { flag: "wx" }).then(() => true, existing);
    if (taken) return () => rm(path, { force: true });
    const holder = await readMark(path);
    if (holder !== null && await isRunning(holder)) throw alreadyRunning(holder);
    await rm(path, { force: true });
  }
  throw problem("lock_unstable", `The lock ${path} changes hands all the time.`, {
    hint: "Start one run at a time.",
  });
}

function existing(error: { code?: string }): false {
  if (error.code === "EEXIST") return false;
  throw error;
}

async function readMark(path: string): Promise<Mark | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Mark;
  } catch {
    return null;
  }
}

async function isRunning({ pid, command }: Mark): Promise<boolean> {
  if (!alive(pid)) return false;
  const now = await commandOf(pid);
  return now === "" || command === "" || now === command;
}

function alreadyRunning({ pid, url }: Mark): Error {
  return problem("already_running", `The local platform already runs at ${url}.`, {
    details: `Process ${pid}.`,
    hint: `Use that one, or stop it first: Ctrl-C where it runs, or kill ${pid}.`,
  });
}
