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
export function runDeno(args: string[]): Promise<Check> {
  const cwd = fileURLToPath(new URL("../../", import.meta.url));
  const child = spawn(Deno.execPath(), [args[0]!, "--quiet", ...args.slice(1)], {
    cwd,
    env: { ...Deno.env.toObject(), NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output += chunk);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      const found = { place: `deno ${args[0]}`, message: `ended with ${code}` };
      done(code === 0 ? { findings: [], output: "" } : { findings: [found], output: output.trim() });
    });
  });
}
