import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { commandOf } from "./ports.ts";
import type { Binaries } from "./postgres-binaries.ts";
import { messageOf, problem } from "../supabase/functions/_shared/problem.ts";
import { placeOf, type RunAs, runToEnd } from "./run-as.ts";

/**
 * Makes the data folder ready to start: created when new, checked when old. Returns the superuser's
 * password.
 */
export async function prepareCluster(dataDir: string, binaries: Binaries, as: RunAs): Promise<string> {
  if (!existsSync(`${dataDir}/PG_VERSION`)) await createCluster(dataDir, binaries, as);
  await refuseForeignOwner(dataDir, as);
  await refuseOtherMajor(dataDir, binaries);
  await refuseRunning(dataDir);
  return (await readFile(passwordFile(dataDir), "utf8")).trim();
}

const passwordFile = (dataDir: string) => `${dataDir}.password`;

/** Without PG_VERSION, initdb never finished: the folder has no data, and is made anew. */
async function createCluster(dataDir: string, binaries: Binaries, as: RunAs): Promise<void> {
  await refuseStrangeFolder(dataDir, as);
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dirname(dataDir), { recursive: true });
  await mkdir(dataDir, { mode: 0o700 });
  if (as.uid !== null) await handOver(dataDir, as.uid, as);
  const password = crypto.randomUUID().replaceAll("-", "");
  await writeFile(passwordFile(dataDir), password, { mode: 0o600 });
  await chmod(passwordFile(dataDir), 0o600);
  await initdb(dataDir, password, binaries, as);
}

/** From root to the user that Postgres runs as; both must get at it. */
async function handOver(dataDir: string, uid: number, as: RunAs): Promise<void> {
  try {
    await chown(dataDir, uid, uid);
    const { code, output } = await runToEnd(as, "/bin/sh", ["-c", ": > probe && rm probe"], { cwd: dataDir });
    if (code !== 0) throw new Error(output.trim());
  } catch (error) {
    throw notSharedWith(dataDir, uid, error);
  }
}

function notSharedWith(dataDir: string, uid: number, error: unknown): Error {
  return problem(
    "data_folder_handover",
    `${dataDir} cannot be used by both root and user ${uid}, as whom Postgres runs for root.`,
    {
      details: messageOf(error),
      hint:
        "Choose a folder on a file system that keeps owners (--data, for tests TMPDIR), or run as a normal user. " +
        "In a container, root needs the capabilities chown and dac_override.",
    },
  );
}

/**
 * Lets initdb open `/dev/stdin`. The other user may open neither root's file of the password nor a pipe that root
 * made, but this pipe is made by the shell that runs as that user.
 */
const piped = 'cat | "$0" "$@"';

async function initdb(dataDir: string, password: string, binaries: Binaries, as: RunAs): Promise<void> {
  const { cwd, path } = placeOf(dataDir, as);
  const args = [
    `--pgdata=${path}`,
    "--username=postgres",
    "--pwfile=/dev/stdin",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // The builtin provider sorts and folds the same on every system, whatever locales it has installed.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
  ];
  const shell = ["-c", piped, binaries.initdb, ...args];
  const { code, output } = await runToEnd(as, "/bin/sh", shell, { cwd, input: password });
  if (code === 0) return;
  await rm(dataDir, { recursive: true, force: true });
  throw problem("initdb_failed", `A new Postgres data folder could not be made at ${dataDir}.`, {
    details: output.trim().split("\n").slice(-5).join("\n"),
    hint: output.includes("could not look up effective user ID")
      ? "Give that user a line in /etc/passwd, or run the same command as a user who has one."
      : "Check free space and permissions of that folder.",
  });
}

async function refuseStrangeFolder(dataDir: string, as: RunAs): Promise<void> {
  const entries = await readdir(dataDir).catch((error) => {
    if (as.uid !== null && error.code === "EACCES") throw notSharedWith(dataDir, as.uid, error);
    return [];
  });
  if (entries.length === 0 || existsSync(`${dataDir}/base`) || existsSync(`${dataDir}/global`)) return;
  throw problem("data_folder_foreign", `${dataDir} holds files that are not a Postgres data folder.`, {
    details: `Found: ${entries.slice(0, 5).join(", ")}`,
    hint: "Choose an empty folder, or move these files away.",
  });
}

async function refuseForeignOwner(dataDir: string, as: RunAs): Promise<void> {
  const { uid } = await stat(dataDir);
  const expected = as.uid ?? process.getuid?.() ?? uid;
  if (uid === expected) return;
  throw problem(
    "data_folder_owner",
    `${dataDir} belongs to user ${uid}; Postgres would run as user ${expected} and could not open it.`,
    {
      details: uid === 65534 ? "It was made by an earlier run as root." : "It was made by another user.",
      hint: "Run as the user of that earlier run, or remove the folder as root to start over.",
    },
  );
}

async function refuseOtherMajor(dataDir: string, binaries: Binaries): Promise<void> {
  const found = (await readFile(`${dataDir}/PG_VERSION`, "utf8")).trim();
  if (found === binaries.major) return;
  throw problem(
    "data_folder_version",
    `${dataDir} was made by Postgres ${found}; this is Postgres ${binaries.major}.`,
    {
      details: "The files of one major version cannot be opened by another.",
      hint: "Start over with --fresh, or install the earlier version and dump the data first.",
    },
  );
}

/**
 * A live server in the folder is an error; the mark of a killed one is taken away when its number was
 * reused.
 */
export async function refuseRunning(dataDir: string): Promise<void> {
  const mark = await readFile(`${dataDir}/postmaster.pid`, "utf8").catch(() => "");
  const pid = Number.parseInt(mark);
  if (Number.isNaN(pid) || !alive(pid)) return;
  const command = await commandOf(pid);
  // The server would refuse to start because of any live process of that number.
  if (command !== "" && !command.includes("postgres")) return await rm(`${dataDir}/postmaster.pid`);
  throw problem("data_folder_in_use", `A Postgres server already runs on ${dataDir}.`, {
    details: `Process ${pid}, port ${mark.split("\n")[3] ?? "unknown"}.`,
    hint: "Stop the other run first, or use another data folder.",
  });
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
