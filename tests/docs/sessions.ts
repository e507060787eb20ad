// The SQL sessions of a document: runs them, and puts what they really print in place of what is shown.

import postgres from "postgres";

/**
 * The document as it would be if every output were true. In a block of SQL the comment lines right below a statement
 * are its output; a comment above a statement explains it. All blocks of a document are one session.
 */
export async function playSessions(markdown: string, sql: postgres.Sql): Promise<string> {
  const played: string[] = [];
  for (const part of markdown.split(/(?<=^```sql\n)([\s\S]*?)(?=^```$)/m)) {
    played.push(played.at(-1)?.endsWith("```sql\n") ? await playBlock(part, sql) : part);
  }
  return played.join("");
}

async function playBlock(block: string, sql: postgres.Sql): Promise<string> {
  const lines: string[] = [];
  for (const { text, shown } of readSteps(block)) {
    lines.push(...text);
    const output = await run(text.join("\n"), sql);
    if (shown.length > 0) lines.push(...output);
    else if (output[0]?.startsWith("-- ERROR")) throw new Error([...text, ...output].join("\n"));
  }
  return lines.join("\n") + "\n";
}

interface Step {
  /** A statement with what explains it, or what is left at the end of a block. */
  text: string[];
  shown: string[];
}

function readSteps(block: string): Step[] {
  const steps: Step[] = [];
  let text: string[] = [];
  for (const line of block.trimEnd().split("\n")) {
    if (line.startsWith("--") && text.length === 0 && steps.length > 0) {
      steps.at(-1)!.shown.push(line);
      continue;
    }
    text.push(line);
    // A body in dollar quotes may hold semicolons.
    const quotes = text.join("\n").match(/\$\w*\$/g)?.length ?? 0;
    if (!line.endsWith(";") || quotes % 2 === 1) continue;
    steps.push({ text, shown: [] });
    text = [];
  }
  return text.length === 0 ? steps : [...steps, { text, shown: [] }];
}

async function run(statement: string, sql: postgres.Sql): Promise<string[]> {
  if (statement.replaceAll(/--.*$/gm, "").trim() === "") return [];
  try {
    const result = await sql.unsafe(statement).raw();
    return result.columns === undefined ? [] : asPsql(result.columns, result as unknown as Cell[][]);
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const { severity, code, message, detail, hint } = error;
    return [
      `-- ${severity}:  ${code}: ${message}`,
      ...(detail === undefined ? [] : [`-- DETAIL:  ${detail}`]),
      ...(hint === undefined ? [] : [`-- HINT:  ${hint}`]),
    ];
  }
}

type Cell = Uint8Array | null;

const numeric = new Set([20, 21, 23, 26, 700, 701, 1700]);

/** As psql prints it: heads in the middle, numbers to the right. Without the count of rows. */
function asPsql(columns: postgres.ColumnList<string>, rows: Cell[][]): string[] {
  const texts = rows.map((row) => row.map((cell) => cell === null ? "" : new TextDecoder().decode(cell)));
  const widths = columns.map(({ name }, at) =>
    Math.max(...[name, ...texts.map((row) => row[at]!)].map(width))
  );
  const head = columns.map(({ name }, at) => centre(name, widths[at]!));
  const body = texts.map((row) =>
    row.map((text, at) => {
      const space = " ".repeat(widths[at]! - width(text));
      return numeric.has(columns[at]!.type) ? space + text : text + space;
    })
  );
  const line = (cells: string[]) => `--  ${cells.join(" | ")}`.trimEnd();
  return [line(head), `-- ${widths.map((wide) => "-".repeat(wide + 2)).join("+")}`, ...body.map(line)];
}

const width = (text: string) => [...text].length;

function centre(text: string, wide: number): string {
  const space = wide - width(text);
  return " ".repeat(space >> 1) + text + " ".repeat(space - (space >> 1));
}
