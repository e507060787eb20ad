// `etiquette health`: checks that everything which protects manual values is in place.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { run } from "../run.ts";
import { oneLine } from "../terminal.ts";

export interface Weakness {
  problem: string;
  tbl: string | null;
  object: string;
  detail: string;
  hint: string;
}

export function define(command: Command): void {
  project(command)
    .description(
      "check triggers, functions and policies of the protection; exit code 1 when something is wrong",
    )
    .addOption(json("one object a problem and line, nothing when there is none"))
    .action((options) =>
      run(options, (signal) => health(options, signal), { text, isBad: (found) => found.length > 0 })
    );
}

export function health(options: ProjectOptions, signal: AbortSignal): Promise<Weakness[]> {
  return withProject(options, signal, (call) => call("ownership_health"));
}

function text(problems: Weakness[]): string {
  if (problems.length === 0) return "Everything that protects is in place.";
  return problems.flatMap(({ problem, tbl, object, detail, hint }) =>
    [`✖ ${problem}${tbl === null ? "" : ` on ${tbl}`}: ${object}`, `  ${detail}`, `  ${hint}`].map(oneLine)
  ).join("\n");
}
