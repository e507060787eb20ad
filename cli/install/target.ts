// What an install or uninstall is about: a database, or the project in a folder.

import { isProblem, problem } from "../../supabase/functions/_shared/problem.ts";
import type { ProjectOptions } from "../project.ts";
import { findPlace } from "./project.ts";

export interface TargetOptions extends ProjectOptions {
  /** Of the user's own project. */
  folder?: string;
  kind?: string;
  /** Whether the database was named as an argument ("cli") or in the environment ("env"). */
  databaseFrom?: string;
  apply?: true;
  json?: true;
}

/**
 * Whether a database is meant. One that only the environment names must not be taken for that of somebody who stands in his
 * project and expects to be shown a file.
 *
 * @throws target_ambiguous
 */
export async function meansDatabase(
  { database, url, folder, kind, databaseFrom }: TargetOptions,
): Promise<boolean> {
  if (folder !== undefined) return false;
  if (databaseFrom !== "env") return database !== undefined || url !== undefined;
  const place = await findPlace(".", kind).catch((error) => {
    if (isProblem(error) && error.code === "project_unknown") return null;
    throw error;
  });
  if (place === null) return true;
  throw problem(
    "target_ambiguous",
    `ETIQUETTE_DATABASE_URL names a database, and this folder is a project (${place.kind}).`,
    {
      hint:
        'Say which is meant: --database "$ETIQUETTE_DATABASE_URL", or --folder . for the project. Nothing was changed.',
    },
  );
}
