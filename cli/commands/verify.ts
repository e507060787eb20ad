// `etiquette verify`: takes every look, also those that take long, and compares what is expected with what is found.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { run } from "../run.ts";
import { type Finding, findingLines, headline, type Status } from "../status.ts";
import { table } from "../table.ts";
import { oneLine } from "../terminal.ts";

export function define(command: Command): void {
  project(command)
    .description(
      "check institutions, badges, rows and protected values: expected against found; exit code 1 unless all is well",
    )
    .addOption(json("one JSON value: the state, the findings, and what is well"))
    .action((options) => run(options, (signal) => verify(options, signal), { text, isBad }));
}

export function verify(options: ProjectOptions, signal: AbortSignal): Promise<Status> {
  return withProject(options, signal, (call) => call("shop_verify"));
}

function text(status: Status): string {
  const counted = [...status.findings, ...status.well].filter(({ expected }) => expected !== null);
  return [
    table(
      ["Check", "Expected", "Found", ""],
      counted.map((
        { name, expected, found, state },
      ) => [name, expected, found, state === "well" ? "ok" : state]),
    ),
    ...status.findings.flatMap(linesWithExamples),
    headline(status),
  ].join("\n");
}

function linesWithExamples(finding: Finding): string[] {
  const [head, ...rest] = findingLines(finding);
  return [head!, ...(finding.details ?? []).map((line) => `  ${oneLine(line)}`), ...rest];
}

function isBad({ state }: Status): boolean {
  return state !== "well";
}
