// Runs the command line as a person does: a process of its own, its output, Ctrl-C.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Run {
  /** Standard output and error, as far as it has come. */
  output(): string;
  /** Standard output alone. */
  printed(): string;
  /** Ends when the output holds the text; fails when the process ends before. */
  shows(text: string): Promise<string>;
  /** As Ctrl-C, or another signal, does. */
  signal(name: NodeJS.Signals): void;
  /** The exit code. */
  ended: Promise<number | null>;
}

export interface Folder extends AsyncDisposable {
  path: string;
}

/** A folder for data, gone afterwards. */
export async function dataFolder(): Promise<Folder> {
  const path = await mkdtemp(`${tmpdir()}/etiquette-cli-`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** On free ports, without this machine's own settings for Gazelle. */
export function etiquette(args: string[], environment: Record<string, string> = {}, cwd = root): Run {
  const own = Object.entries(process.env).filter(([name]) => !/^(GAZELLE|ETIQUETTE)_/.test(name));
  const child = spawn(Deno.execPath(), ["run", "--allow-all", "--no-check", `${root}cli/main.ts`, ...args], {
    cwd,
    env: { ...Object.fromEntries(own), ...freePorts, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return follow(child);
}

const freePorts = { ETIQUETTE_PORT: "0", ETIQUETTE_DB_PORT: "0", ETIQUETTE_DOUBLE_PORT: "0" };

function follow(child: ChildProcess): Run {
  let [output, printed] = ["", ""];
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (stream === child.stdout) printed += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    output: () => output,
    printed: () => printed,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => output.includes(text) && resolve(output);
        listeners.add(look);
        ended.then((code) =>
          reject(new Error(`It ended with ${code} and never showed "${text}":\n${output}`))
        );
        look();
      }),
    signal: (name) => process.kill(child.pid!, name),
    ended,
  };
}

/** What differs from run to run, made alike: times, ports, keys, counts of migrations. */
export function alike(text: string): string {
  return text
    .replace(/\d+\.\d s\b/g, "0.0 s")
    // A longer time makes its column wider.
    .replace(/ {2,}/g, " ")
    .replace(/─+/g, "─")
    .replace(/:\d{4,5}\b/g, ":0")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
}

/** The fenced block of the README that holds the text. */
export function blockWith(readme: string, text: string): string {
  const blocks = [...readme.matchAll(/```text\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const found = blocks.find((block) => block.includes(text));
  if (found === undefined) throw new Error(`No block of the README holds "${text}".`);
  return found;
}
