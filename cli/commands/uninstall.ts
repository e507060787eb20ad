// `etiquette uninstall`: takes the ownership engine out of a database, or writes the migration that does.

import type { Command } from "commander";
import { type Uninstalled, uninstallEngine } from "../install/database.ts";
import { planUninstall } from "../install/project.ts";
import { shownFiles } from "../install/shown.ts";
import { meansDatabase, type TargetOptions } from "../install/target.ts";
import { writeFiles } from "../install/write.ts";
import { json, ownProject, project } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";
import type { Written } from "./install.ts";

export function define(command: Command): void {
  ownProject(project(command))
    .description(
      "take the ownership engine out of a database, or out of the project in this folder by a migration",
    )
    .addOption(
      json("one JSON value: what is, or would be, dropped; or the files that are, or would be, written"),
    )
    .action((options: TargetOptions) => {
      const work = async (signal: AbortSignal) =>
        await meansDatabase(options)
          ? await uninstall(options, signal)
          : await uninstallInProject(options, new Date());
      return run(options, work, {
        text: (done) => done !== null && "files" in done ? projectText(done) : text(done),
      });
    });
}

/** A dry run unless `apply`. @throws what uninstallEngine throws */
export function uninstall(
  { apply, ...options }: ProjectOptions & { apply?: true },
  signal: AbortSignal,
): Promise<Uninstalled | null> {
  return asPerson("uninstall", options, signal, (sql) => uninstallEngine(sql, apply ?? false));
}

function text(done: Uninstalled | null): string {
  if (done === null) return "There is no ownership engine. Nothing was changed.";
  const { database, version, columns, claims, history, applied } = done;
  const what = `the ownership engine, version ${version}, with ${counted(columns, "protected column")}, ` +
    `${counted(claims, "claim")} and ${history.toLocaleString("en-CA")} entries of history`;
  return applied ? `Gone from ${database}: ${what}. Your tables and their values stay as they are.` : [
    `Would be dropped from ${database}: ${what}. Your tables and their values stay as they are.`,
    ...(claims > 0 ? ["Keep what people own: etiquette export <file>"] : []),
    "Nothing is dropped yet: --apply does it.",
  ].join("\n");
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-CA")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A dry run unless `apply`. */
export async function uninstallInProject(
  { folder = ".", kind, apply }: TargetOptions,
  now: Date,
): Promise<Written> {
  const planned = await planUninstall(folder, kind, now);
  if (apply && planned.files.length > 0) await writeFiles(folder, planned.folder, planned.files);
  return { ...planned, applied: apply ?? false };
}

function projectText(written: Written): string {
  if (written.files.length > 0) return shownFiles(written);
  return `The migrations in ${written.folder} (${written.kind}) install no ownership engine. Nothing to write.`;
}
