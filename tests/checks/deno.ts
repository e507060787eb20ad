import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Finding {
  /** file:line */
  place: string;
  message: string;
  /** Said, but no failure. */
  warning?: boolean;
}

export interface Check {
  findings: Finding[];
  /** What a tool printed by itself. */
  output: string;
}

/** A tool of Deno's own; it names its findings itself. */
export async function runDeno(args: string[]): Promise<Check> {
  const { code, output } = await deno(args);
  if (code === 0) return { findings: [], output: "" };
  const found = { place: `deno ${args[0]}`, message: `ended with ${code}` };
  return { findings: [found], output: output.trim() };
}

/** TypeScript as `deno fmt` writes it. */
export async function formatted(code: string): Promise<string> {
  const ended = await deno(["fmt", "--ext", "ts", "-"], code);
  if (ended.code === 0) return ended.output;
  throw new Error(`deno fmt ended with ${ended.code}:\n${ended.output}`);
}

function deno(args: string[], input = ""): Promise<{ code: number | null; output: string }> {
  const cwd = fileURLToPath(new URL("../../", import.meta.url));
  const child = spawn(Deno.execPath(), [args[0]!, "--quiet", ...args.slice(1)], {
    cwd,
    env: { ...Deno.env.toObject(), NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk) => output += chunk);
  }
  child.stdin.end(input);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done({ code, output }));
  });
}
