// Finds out how a project of the user's own keeps its migrations, and what installs or takes out the engine there.

import { stat } from "node:fs/promises";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import { drizzle } from "./drizzle.ts";
import { type EngineMigration, engineMigrations } from "./migrations.ts";
import type { Kind, Migration, NewFile, Place } from "./place.ts";
import { plain } from "./plain.ts";
import { prisma } from "./prisma.ts";
import { supabase } from "./supabase.ts";

const kinds: Kind[] = [supabase, prisma, drizzle, plain];

export interface Planned {
  kind: string;
  folder: string;
  /** The version of the engine that the project's migrations install; 0 for none. */
  before: number;
  version: number;
  files: NewFile[];
  next: string;
}

const taken = "ownership_uninstall";

/** What would be written for the project to install the engine, or the newer migrations of it. */
export async function planInstall(
  project: string,
  kind: string | undefined,
  now: Date,
  given?: EngineMigration[],
): Promise<Planned> {
  const [place, engine] = await Promise.all([findPlace(project, kind), given ?? engineMigrations()]);
  const before = installedBy(place, engine.map(({ subject }) => subject));
  const missing = engine.slice(before).map(({ subject, text }, at) => ({
    subject,
    up: `-- Étiquette's ownership engine, version ${
      before + at + 1
    }. Made by etiquette install: leave it as it is.\n\n${text}`,
    down: uninstall,
  }));
  return await planned(place, before, engine.length, missing, now);
}

/** What would be written for the project to take the engine out: migrations that ran are never deleted. */
export async function planUninstall(project: string, kind: string | undefined, now: Date): Promise<Planned> {
  const [place, engine] = await Promise.all([findPlace(project, kind), engineMigrations()]);
  const before = installedBy(place, engine.map(({ subject }) => subject));
  const back = { subject: taken, up: uninstall, down: engine.map(({ text }) => text).join("\n") };
  return await planned(place, before, 0, before === 0 ? [] : [back], now);
}

const uninstall = `select ownership.uninstall();\n`;

async function planned(place: Place, before: number, version: number, missing: Migration[], now: Date) {
  const { kind, folder, next } = place;
  const files = missing.length === 0 ? [] : await place.files(missing, now);
  return { kind, folder, before, version, files, next };
}

/** How many of the engine's migrations the project has, since it last took the engine out. */
function installedBy({ names }: Place, subjects: string[]): number {
  const since = names.findLastIndex((name) => isAbout(name, taken)) + 1;
  return subjects.filter((subject) => names.slice(since).some((name) => isAbout(name, subject))).length;
}

const isAbout = (name: string, subject: string) => new RegExp(`(^|[_-])${subject}$`).test(name);

/** @throws no_folder, project_unknown, project_ambiguous */
export async function findPlace(project: string, wanted: string | undefined): Promise<Place> {
  const isFolder = await stat(project).then((found) => found.isDirectory(), () => false);
  if (!isFolder) {
    throw problem("no_folder", `There is no folder ${project}.`, {
      hint: "Name the folder of your project.",
    });
  }
  const asked = kinds.filter(({ name }) => wanted === undefined || name === wanted);
  const found = (await Promise.all(asked.map(({ find }) => find(project)))).filter((place) => place !== null);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw problem("project_unknown", `${project} is no project whose migrations are known here.`, {
      details: `Looked for ${asked.map(({ name, sign }) => `${sign} (${name})`).join(", ")}.`,
      hint:
        "Run it in the folder of your project, or name that with --folder; or install straight into a database: " +
        "etiquette install --database postgres://…",
    });
  }
  throw problem(
    "project_ambiguous",
    `${project} keeps migrations in ${found.length} ways: ${
      found.map(({ kind, folder }) => `${folder} (${kind})`).join(", ")
    }.`,
    {
      hint: "Say which of them changes the database: --kind " +
        found.map(({ kind }) => kind).join(" or --kind "),
    },
  );
}
