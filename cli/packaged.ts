// The command line of the npm package, in Node: the verbs of the engine. All others need a clone, and say so.

import process from "node:process";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { engineVerbs } from "./engine-verbs.ts";
import { runProgram, type VerbEntry } from "./program.ts";
import { run } from "./run.ts";

const ofAClone = [
  "start",
  "replay",
  "sync",
  "invoke",
  "runs",
  "run",
  "badges",
  "revert",
  "rejected",
  "connect",
]
  .concat("schedule", "doctor");

function needsClone(name: string): VerbEntry {
  const refuse = () =>
    Promise.reject(
      problem("needs_clone", `${name} is a verb of the Gazelle sync, which this package does not have.`, {
        details:
          "The package holds the ownership engine alone. The sync runs in Deno, from a clone of the repository.",
        hint: `In a clone: npm ci && npx etiquette ${name}`,
      }),
    );
  return [name, "needs a clone", () =>
    Promise.resolve({
      define: (command) => {
        command.allowUnknownOption().allowExcessArguments().option("--json")
          .action((options) => run(options, refuse, { text: String }));
      },
    })];
}

await runProgram({
  description: "Column ownership inside Postgres: a sync never destroys what a person wrote.",
  verbs: engineVerbs,
  elsewhere: ofAClone.map(needsClone),
  after: `\nIn a clone of the repository also: ${ofAClone.join(", ")}`,
}, process.argv.slice(2));
