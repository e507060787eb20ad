import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { problem } from "../supabase/functions/_shared/problem.ts";

const unprivileged = 65534;

/** As whom Postgres runs: it refuses root, so root hands it to the user that owns nothing. */
export interface RunAs {
  /** Null for the user that we are ourselves. */
  uid: number | null;
  command(program: string, args: string[]): [string, string[]];
}

/** The other user gets no capability: root of a usual container has none for reading that it could pass on. */
export function runAs(uid = process.getuid?.(), setpriv = findOnPath("setpriv")): RunAs {
  if (uid !== 0) return { uid: null, command: (program, args) => [program, args] };
  if (setpriv === null) throw noSetpriv();
  const become = [`--reuid=${unprivileged}`, `--regid=${unprivileged}`, "--clear-groups"];
  return { uid: unprivileged, command: (program, args) => [setpriv, [...become, program, ...args]] };
}

/** Where a program of Postgres is started, and the path by which it reaches its data folder from there. */
export interface Place {
  cwd: string;
  path: string;
}

/**
 * The other user may not enter a closed folder above the data, such as root's home, but it may use the folder
 * in which it is started. `/proc/self/cwd` leads there without passing through those above.
 */
export function placeOf(dataDir: string, as: RunAs): Place {
  return as.uid === null ? { cwd: "/", path: dataDir } : { cwd: dataDir, path: "/proc/self/cwd" };
}

export interface Ran {
  code: number | null;
  /** Of both streams. */
  output: string;
}

/** Runs a program to its end. */
export function runToEnd(
  as: RunAs,
  program: string,
  args: string[],
  { cwd = "/", input = "" }: { cwd?: string; input?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(...as.command(program, args), { stdio: "pipe", cwd });
    let output = "";
    child.stdout.on("data", (chunk) => output += chunk);
    child.stderr.on("data", (chunk) => output += chunk);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
    // A program that has ended already reads nothing; what it said tells why.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** @throws root_cannot_switch */
export async function refuseNoSwitch(as: RunAs): Promise<void> {
  const { code, output } = await runToEnd(as, "/bin/sh", ["-c", ":"]);
  if (code === 0) return;
  throw problem(
    "root_cannot_switch",
    `Postgres does not run as root, and root may not start it as another user (${as.uid}) here.`,
    {
      details: output.trim(),
      hint:
        "Run the same command as a normal user. In a container, let root have the capabilities setuid and setgid, " +
        `and let user ${as.uid} be in its user namespace.`,
    },
  );
}

function findOnPath(program: string): string | null {
  const folders = (process.env["PATH"] ?? "/usr/bin:/bin").split(":");
  return folders.map((folder) => `${folder}/${program}`).find((path) => existsSync(path)) ?? null;
}

function noSetpriv(): Error {
  return problem(
    "root_without_setpriv",
    "Postgres does not run as root, and `setpriv` (util-linux) is not there to start it as another user.",
    {
      details: "Looked for setpriv in every folder of PATH.",
      hint: "Run the same command as a normal user, or install util-linux.",
    },
  );
}
