// `etiquette protect <table> <column>`: gives a column a policy. Without arguments it lists what is protected.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { asPerson, type ProjectOptions, withProject } from "../project.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";

export interface Policy {
  tbl: string;
  col: string;
  mode: string;
  identity_key: string[];
  blank_values: string[];
  on_conflict: string;
  empty_is_opinion: boolean;
  protected_at: string;
}

export interface ProtectOptions extends ProjectOptions {
  mode?: string;
  identityKey?: string[];
  blank?: string[];
  onConflict: string;
  emptyIsOpinion?: true;
}

export function define(command: Command): void {
  project(command)
    .description("protect a column; without arguments, list what is protected")
    .argument("[table]", "needs a person's rank, so a database and not a key")
    .argument("[column]")
    .option("--mode <mode>", "what lower ranks may write there; docs/ownership.md explains the modes")
    .option("--identity-key <columns...>", "what names a row for good; by default the unique external_id")
    .option("--blank <values...>", "values that count as blank, beside NULL and the empty ones")
    .option("--on-conflict <what>", "keep, reject or observe", "keep")
    .option("--empty-is-opinion", "an empty set from a source removes the source's own elements")
    .addOption(json("one object a policy and line"))
    .action((tbl, column, options) => {
      if (tbl !== undefined && column === undefined) command.error("error: name a column, too");
      const work = (signal: AbortSignal) =>
        tbl === undefined ? policies(options, signal) : protect(tbl, column, options, signal);
      return run(options, work, { text });
    });
}

export function policies(options: ProjectOptions, signal: AbortSignal): Promise<Policy[]> {
  return withProject(options, signal, (call) => call("ownership_list_policies"));
}

/** Idempotent. Returns the policy. @throws needs_person, OW001, OW003 to OW007, 42P01 */
export function protect(
  tbl: string,
  column: string,
  { mode, identityKey, blank, onConflict, emptyIsOpinion, ...options }: ProtectOptions,
  signal: AbortSignal,
): Promise<Policy[]> {
  return asPerson("protect", options, signal, async (sql) => {
    await sql`
      select ownership.protect(${tbl}::text::regclass, ${column}, ${mode ?? null}, ${
      identityKey ?? null
    }::name[],
        ${blank ?? []}::text[], ${onConflict}, ${emptyIsOpinion ?? false})`;
    return [
      ...await sql<Policy[]>`
        select tbl::text, col, mode, identity_key, blank_values, on_conflict, empty_is_opinion, protected_at
        from ownership.policies where tbl = ${tbl}::text::regclass and col = ${column}`,
    ];
  });
}

function text(found: Policy[]): string {
  if (found.length === 0) return "Nothing is protected.";
  return table(
    ["Table", "Column", "Mode", "Blank", "On conflict", "Key"],
    found.map(({ tbl, col, mode, blank_values, on_conflict, identity_key }) => [
      tbl,
      col,
      mode,
      blank_values.join(", "),
      on_conflict,
      identity_key.join(", "),
    ]),
  );
}
