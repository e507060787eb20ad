// Migrations are made from the schema files: before the first release all of them.

import { baseline, baselineFile } from "./baseline.ts";
import { readSchemas, type SchemaFile, sectionsOf } from "./schemas.ts";

export interface MigrationFile {
  /** "20261127000100_gazelle_survey.sql" */
  file: string;
  text: string;
}

/** The baseline as the schema files have it now: sections of one migration in the order of their files. */
export async function buildBaseline(supabase: URL): Promise<MigrationFile[]> {
  return assemble(await readSchemas(supabase));
}

export function assemble(schemas: SchemaFile[]): MigrationFile[] {
  const sections = schemas.flatMap(sectionsOf);
  return baseline.map((name) => ({
    file: baselineFile(name),
    text: sections.filter(({ migration }) => migration === name).map(({ path, text }) =>
      `-- From supabase/schemas/${path}\n\n${text.trim()}\n`
    ).join("\n"),
  }));
}
