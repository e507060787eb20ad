// `etiquette install`: the ownership engine, straight into a database, or as a migration of a project of one's own.

import type { Command } from "commander";
import { type Installed, installEngine } from "../install/database.ts";
import { planInstall, type Planned } from "../install/project.ts";
import { shownFiles } from "../install/shown.ts";
import { meansDatabase, type TargetOptions } from "../install/target.ts";
import { writeFiles } from "../install/write.ts";
import { json, ownProject, project } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";
import { placeOf } from "../database.ts";

export function define(command: Command): void {
  ownProject(project(command))
    .description(
      "install the ownership engine: straight into a database that is named, or else as a migration of the project in " +
        "this folder, which is shown first",
    )
    .option("--engine", "the engine alone: what install does; the Gazelle sync is deployed from a clone")
    .addOption(json("one JSON value: what is installed, or the files that are, or would be, written"))
    .action((options: TargetOptions) => {
      const work = async (signal: AbortSignal) =>
        await meansDatabase(options)
          ? await install(options, signal)
          : await installInProject(options, new Date());
      return run(options, work, {
        text: (done) => "files" in done ? projectText(done) : textOf(done, options),
      });
    });
}

/** @throws what installEngine throws */
export function install(options: ProjectOptions, signal: AbortSignal): Promise<Installed> {
  const warn = (warning: string) => console.error(`! ${warning}`);
  return asPerson("install", { ...options, warn }, signal, (sql) => installEngine(sql));
}

function textOf({ database, version, before, role, rank }: Installed, options: ProjectOptions): string {
  const place = `${database} at ${placeOf(options.database ?? "")}`;
  if (before === version) {
    return `The ownership engine is in ${place} already, version ${version}. Nothing was changed.`;
  }
  if (before > 0) {
    return `The ownership engine in ${place} is now version ${version}; it was ${before}. Claims stayed.`;
  }
  return [
    `The ownership engine, version ${version}, is in ${place}.`,
    "It is the schemas ownership and ownership_private; none of your tables was touched.",
    rank >= 100
      ? `You are ${role}, rank ${rank}: a person. A sync that writes as ${role} counts as one too: give it a role of its own,\n` +
        "and tell the engine: select ownership.register_writer('<role>', 10);"
      : `You are ${role}, rank ${rank}, and only people, from rank 100 up, protect: log in as the role that is one.`,
    "Protect a column of yours: etiquette protect <table> <column>",
  ].join("\n");
}

export interface Written extends Planned {
  applied: boolean;
}

/** A dry run unless `apply`. */
export async function installInProject(
  { folder = ".", kind, apply }: TargetOptions,
  now: Date,
): Promise<Written> {
  const planned = await planInstall(folder, kind, now);
  if (apply && planned.files.length > 0) await writeFiles(folder, planned.folder, planned.files);
  return { ...planned, applied: apply ?? false };
}

function projectText(written: Written): string {
  const { folder, kind, before, version, files } = written;
  if (files.length > 0) return shownFiles(written);
  const more = before > version ? ", which is newer than this command line's" : "";
  return `The migrations in ${folder} (${kind}) install the ownership engine, version ${before}${more}. Nothing to write.`;
}
