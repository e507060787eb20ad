// Plays a guide as a reader types it: each block in a shell, where nothing is at hand but what the player knows.

import { spawn } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { root } from "../cli/etiquette.ts";
import { supabaseVersion } from "../../cli/supabase.ts";

export interface Reader {
  /** The folder that commands are typed in. */
  folder: string;
  /** What stands for each `…`, by the name before it. */
  values(): Record<string, string>;
  /** What is written differently here, such as the address of a project. */
  rewritten(): Record<string, string>;
  /** Where the stand-in for the Supabase CLI is asked. */
  cli: string;
  /** Everything that is printed while a command runs. */
  onOutput(text: string): void;
}

/** The guide as it would be if every output were true. Blocks of other ways than the one given are left out. */
export async function playGuide(markdown: string, way: string, reader: Reader): Promise<string> {
  const played: string[] = [];
  for (const part of markdown.split(/(?<=^```(?:sh|console)(?: [\w-]+)?\n)([\s\S]*?)(?=^```$)/m)) {
    const [, kind, only] = /```(sh|console)(?: ([\w-]+))?\n$/.exec(played.at(-1) ?? "") ?? [];
    const isTyped = kind !== undefined && (only === undefined || only === way);
    played.push(isTyped ? await playBlock(part, kind, reader) : part);
  }
  return played.join("");
}

async function playBlock(block: string, kind: string, reader: Reader): Promise<string> {
  if (kind === "sh") {
    await type(block, reader);
    return block;
  }
  const lines: string[] = [];
  for (const line of block.split("\n").filter((line) => line.startsWith("$ "))) {
    lines.push(line, alike(await type(line.slice("$ ".length), reader)));
  }
  return lines.join("\n") + "\n";
}

/** Standard output. @throws when a command fails, or is none that the player knows */
async function type(text: string, reader: Reader): Promise<string> {
  if (/(^|\s)#/m.test(text)) throw new Error(`Typed into zsh, a comment is none: ${text}`);
  const script = `if [ -f exported ]; then . ./exported; fi\n${filledIn(text, reader)}\nexport -p > exported`;
  const child = spawn("/bin/bash", ["-euo", "pipefail", "-c", script], {
    cwd: reader.folder,
    env: { PATH: `${reader.folder}/bin`, HOME: reader.folder, NO_COLOR: "1", SUPABASE_STAND_IN: reader.cli },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [printed, output] = ["", ""];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (data: string) => {
      output += data;
      if (stream === child.stdout) printed += data;
      reader.onOutput(data);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code === 0) return printed;
  throw new Error(`It ended with ${code}:\n${text}\n${output}`);
}

function filledIn(text: string, { values, rewritten }: Reader): string {
  const known = values();
  const filled = text.replaceAll(/\b([A-Z_]+)=('?)…/g, (_, name: string, quote: string) => {
    if (known[name] === undefined) throw new Error(`The player has no value for ${name}.`);
    return `${name}=${quote}${known[name]}`;
  });
  return Object.entries(rewritten()).reduce((text, [from, to]) => text.replaceAll(from, to), filled);
}

/** What differs from run to run, made alike. */
function alike(output: string): string {
  return output
    .replaceAll(/\d+\.\d s\b/g, "0.2 s")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "2026-11-23 05:05")
    .replaceAll(/\b\d+(\.\d)? h ago/g, "0.1 h ago")
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "https://<project>.supabase.co")
    .replaceAll(/\btest_\w+ answers/g, "postgres answers")
    .replaceAll(/\ball \d+ are (applied|deployed)/g, "all of them are $1")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
}

/** A longer time makes its column wider. */
export function squeezed(text: string): string {
  return text.replaceAll(/ {2,}/g, " ").replaceAll(/─+/g, "─");
}

/** `npx` passes on what the guide may name; `npm ci` was typed before any test runs. */
const commands = {
  npx: `#!/bin/bash
case $1 in
  etiquette) shift; exec node "${root}cli/etiquette.js" "$@" ;;
  supabase@${supabaseVersion}) shift; exec node "$(dirname "$0")/supabase.mjs" "$@" ;;
esac
echo "npx: the player does not know $1" >&2
exit 127
`,
  npm: `#!/bin/bash
[ "$*" = ci ] && [ -d "${root}node_modules" ] && exit
echo "npm: the player does not know $*, or nothing is installed" >&2
exit 127
`,
  "supabase.mjs": `import { readFileSync } from "node:fs";
const body = JSON.stringify({ args: process.argv.slice(2), input: readFileSync(0, "utf8") });
const { code, output } = await (await fetch(process.env.SUPABASE_STAND_IN, { method: "POST", body })).json();
(code === 0 ? process.stdout : process.stderr).write(output);
process.exitCode = code;
`,
};

/** The only folder that the shell looks for commands in. */
export async function layOutCommands(folder: string): Promise<void> {
  await mkdir(`${folder}/bin`);
  for (const [name, text] of Object.entries(commands)) {
    await writeFile(`${folder}/bin/${name}`, text);
    await chmod(`${folder}/bin/${name}`, 0o755);
  }
  for (const name of ["node", "dirname", "curl"]) await symlink(await whereIs(name), `${folder}/bin/${name}`);
}

function whereIs(name: string): Promise<string> {
  // Deno takes the place of a `node` that it is to start itself: bash knows the real one.
  const child = spawn("/bin/bash", ["-c", `readlink -f "$(command -v ${name})"`]);
  let found = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => found += data);
  return new Promise((resolve) => child.once("close", () => resolve(found.trim())));
}
