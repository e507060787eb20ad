// The Supabase CLI, through npx, for it is larger than all the rest.
import { spawn } from "node:child_process";
import process from "node:process";
import { supabaseVersion } from "../../cli/supabase.ts";

const cli = `supabase@${supabaseVersion}`;

/** What the CLI prints. It works in a folder of its own, where it may leave what it likes. */
export function supabase(args: string[], cwd: string, input = ""): Promise<string> {
  const child = spawn("npx", ["--yes", cli, ...args], {
    cwd,
    env: { ...process.env, PGSSLMODE: "disable", DO_NOT_TRACK: "1", NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  let [output, log] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk) => output += chunk);
  child.stderr.setEncoding("utf8").on("data", (chunk) => log += chunk);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once(
      "close",
      (code) =>
        code === 0 ? done(output) : fail(new Error(`${cli} ${args[0]} ended with ${code}:\n${output}${log}`)),
    );
  });
}
