// `etiquette status`: says what of Étiquette is installed, in a database and in the project in this folder, and what an
// install would change.

import type { Command } from "commander";
import { isProblem, type Parts, partsOf } from "../../supabase/functions/_shared/problem.ts";
import { withDatabase } from "../database.ts";
import { engineVersion } from "../install/migrations.ts";
import { planInstall, type Planned } from "../install/project.ts";
import { lookAtEngine, type Standing } from "../install/standing.ts";
import type { TargetOptions } from "../install/target.ts";
import { localDatabase } from "../local.ts";
import { json, ownProject, project } from "../options.ts";
import { version } from "../package.ts";
import { run } from "../run.ts";

export interface Status {
  /** "0.1.0", and the version of the engine that it has. */
  release: string;
  engine: number;
  /** Null where none is named and no local platform runs. */
  database: Standing & { columns: number; problems: number } | Parts | null;
  /** Null where this folder is no project, and none is named. */
  project: Omit<Planned, "files"> | Parts | null;
}

export function define(command: Command): void {
  ownProject(project(command), false)
    .description(
      "say what is installed in a database and in the project in this folder; exit code 1 for what cannot be used",
    )
    .addOption(json("one JSON value: the release, and what was found in the database and in the project"))
    .action((options: TargetOptions) =>
      run(options, (signal) => status(options, signal, new Date()), { text, isBad })
    );
}

export async function status(options: TargetOptions, signal: AbortSignal, now: Date): Promise<Status> {
  const [release, engine] = await Promise.all([version(), engineVersion()]);
  const database = options.database ?? await localDatabase(options.data).catch(() => undefined);
  return {
    release,
    engine,
    database: database === undefined ? null : await look(() => inDatabase({ ...options, database }, signal)),
    project: await look(() => inProject(options, now)),
  };
}

/** What is wrong there is told, and does not hide the rest. */
async function look<T>(at: () => Promise<T>): Promise<T | Parts> {
  try {
    return await at();
  } catch (error) {
    if (isProblem(error)) return partsOf(error);
    throw error;
  }
}

function inDatabase(options: TargetOptions, signal: AbortSignal) {
  return withDatabase(options, signal, async (sql) => {
    const standing = await lookAtEngine(sql);
    if (standing.version === 0) return { ...standing, columns: 0, problems: 0 };
    const [counts] = await sql<{ columns: number; problems: number }[]>`
      select (select count(*)::integer from ownership.policies) as columns,
        (select count(*)::integer from ownership.health()) as problems`;
    return { ...standing, ...counts! };
  });
}

async function inProject({ folder, kind }: TargetOptions, now: Date): Promise<Status["project"]> {
  try {
    const { files: _, ...planned } = await planInstall(folder ?? ".", kind, now);
    return planned;
  } catch (error) {
    if (folder === undefined && isProblem(error) && error.code === "project_unknown") return null;
    throw error;
  }
}

function isBad({ database, engine }: Status): boolean {
  return database !== null && ("code" in database || database.version > engine || database.problems > 0);
}

function text({ release, engine, database, project }: Status): string {
  return [
    `Étiquette ${release}, with version ${engine} of the ownership engine.`,
    ...inDatabaseText(database, engine),
  ]
    .concat(inProjectText(project, engine)).join("\n");
}

function inDatabaseText(found: Status["database"], engine: number): string[] {
  if (found === null) return ["Database: none is named: --database postgres://…"];
  if ("code" in found) return told("Database", found);
  const { database, version, owner, columns, problems } = found;
  if (version === 0) return [`Database ${database}: no engine. Install it: etiquette install`];
  return [
    `Database ${database}: version ${version}, of ${owner}, ${columns} protected column${
      columns === 1 ? "" : "s"
    }. ${changeOf(version, engine)}`,
    ...(problems > 0 ? [`  ${problems} problems of the protection: etiquette health`] : []),
  ];
}

function inProjectText(found: Status["project"], engine: number): string[] {
  if (found === null) return ["Project: this folder is none whose migrations are known."];
  if ("code" in found) return told("Project", found);
  const { kind, folder, before } = found;
  if (before === 0) {
    return [`Project: ${kind}, no engine in ${folder}. To add it: etiquette install --folder .`];
  }
  return [`Project: ${kind}, version ${before} in ${folder}. ${changeOf(before, engine)}`];
}

function changeOf(version: number, engine: number): string {
  if (version > engine) return "It is newer than this: npm install etiquette@latest";
  return version === engine
    ? "An install would change nothing."
    : `An install would bring version ${engine}.`;
}

function told(where: string, { message, code, hint }: Parts): string[] {
  return [`${where}: ${message} (${code})`, ...(hint === null ? [] : [`  ${hint}`])];
}
