/**
 * The migrations that bring an empty database to the first release, in order. Each is one transaction. A section of a
 * schema file names the migration it belongs to; a new one stands here because it must not share a transaction:
 * what only looks at an application's tables, what takes them over, and what makes their readers or writers wait.
 */
export const baseline = [
  "gazelle_survey",
  "ownership_engine",
  "gazelle_tables",
  "gazelle_indexes",
  "gazelle_access",
  "sync",
  "shop",
  "shop_changes",
  "gazelle_policies",
  "gazelle_client_adoption",
  "gazelle_contact_adoption",
  "gazelle_piano_adoption",
  "gazelle_activity_adoption",
  "gazelle_adopted",
  "schedule",
] as const;

export type BaselineName = typeof baseline[number];

/** Where a statement goes that stands in no named section, by the part its file belongs to: any other part is a source. */
export function migrationOf(part: string): BaselineName {
  const known: Record<string, BaselineName> = {
    ownership: "ownership_engine",
    gazelle: "gazelle_tables",
    shop: "shop",
  };
  return known[part] ?? "sync";
}

/** The file of a migration of the baseline, by its place in it. */
export const baselineFile = (name: BaselineName) =>
  `202611270${String(baseline.indexOf(name) + 1).padStart(3, "0")}00_${name}.sql`;
