// docs/manual-columns.md, as the database's policies and grants say.

import type postgres from "postgres";

interface Column {
  tbl: string;
  col: string;
  is_synced: boolean;
  declared: "policy" | "source" | "platform" | null;
  mode: string;
  blank_values: string[];
  why: string | null;
  writers: string[];
}

const introduction = `# Manual columns

The columns that people may write, and what they write no sync takes away. [Column ownership](ownership.md) explains modes and ranks.
\`UPDATE_DOCS=1 npm test -- manual-fields\` writes this page from the policies of the database, and a test fails when they differ. To protect
another column, call \`ownership.protect\` in a migration and say why in \`comment on column\`.
`;

export async function renderManualColumns(sql: postgres.Sql): Promise<string> {
  const columns = await sql<Column[]>`select * from shop.column_owners()`;
  const tables = Map.groupBy(columns, ({ tbl }) => tbl);
  const parts = [...tables].map(([tbl, columns]) => renderTable(tbl, columns));
  return [introduction, ...parts].join("\n");
}

function renderTable(tbl: string, columns: Column[]): string {
  const manual = columns.filter(({ declared }) => declared === "policy");
  const head = ["Column", "Owner", "Mode", "Why", "Who may write it, besides the sync"];
  const rows = manual.map((
    column,
  ) => [code(column.col), ownerOf(column), modeOf(column), ...reasons(column)]);
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
  const rest = [
    listOf("Gazelle's alone", columns.filter(({ declared }) => declared === "source")),
    listOf("Keys and the platform's", columns.filter(({ declared }) => declared === "platform")),
  ].filter((line) => line !== "");
  return `## ${tbl}\n\n${manual.length > 0 ? `${table}\n` : ""}${rest.join("\n")}`;
}

function ownerOf({ is_synced, mode }: Column): string {
  if (!is_synced) return "people";
  return mode === "merge_set" ? "each element its own" : "Gazelle, until another writes it";
}

function modeOf({ mode, blank_values: blanks }: Column): string {
  return blanks.length === 0 ? code(mode) : `${code(mode)}; ${blanks.map(code).join(", ")} is blank`;
}

function reasons({ why, writers }: Column): string[] {
  return [why?.replaceAll(/\s+/g, " ").replaceAll("|", "\\|") ?? "", writers.map(code).join(", ")];
}

function listOf(title: string, columns: Column[]): string {
  return columns.length === 0 ? "" : `${title}: ${columns.map(({ col }) => code(col)).join(", ")}.\n`;
}

const code = (text: string) => `\`${text}\``;
