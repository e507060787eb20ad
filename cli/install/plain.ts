// A folder of SQL files that a tool, or a person, runs in the order of their names. A new file is named, and marked inside,
// like the newest one.

import { join } from "node:path";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import {
  type Kind,
  type Migration,
  namesIn,
  type NewFile,
  type Place,
  readIfThere,
  stamps,
} from "./place.ts";

const folders = [
  "migrations",
  "db/migrations",
  "database/migrations",
  "sql/migrations",
  "src/migrations",
  "sql",
];

export const plain: Kind = {
  name: "sql",
  sign: `SQL files in ${folders.join(", ")}`,
  async find(project) {
    const found: Place[] = [];
    for (const folder of folders) {
      const files = (await namesIn(project, folder)).filter((name) => name.endsWith(".sql"));
      const newest = files.filter((name) => !name.endsWith(".down.sql")).sort(byNumber).at(-1);
      if (newest !== undefined) found.push(await placeOf(project, folder, files, newest));
    }
    if (found.length < 2) return found[0] ?? null;
    throw problem(
      "project_ambiguous",
      `SQL files are in ${found.map(({ folder }) => folder).join(" and ")}.`,
      {
        hint:
          "Make a migration of your own there, and put into it what `etiquette install --json` of one of them shows; or " +
          "install straight into the database: etiquette install --database postgres://…",
      },
    );
  },
};

async function placeOf(project: string, folder: string, files: string[], newest: string): Promise<Place> {
  const text = await readIfThere(join(project, folder, newest)) ?? "";
  const names = files.filter((name) => !name.endsWith(".down.sql")).sort(byNumber)
    .map((name) => name.replace(/(\.up)?\.sql$/, ""));
  return {
    kind: "sql",
    folder,
    names,
    files: (migrations, now) => Promise.resolve(filesOf(folder, newest, text, migrations, now)),
    next: `your own tool, which runs what is in ${folder}`,
  };
}

/** What tools read in a file: where the way forth begins, and the way back. */
const marks: { up: RegExp; file: (up: string, down: string) => string }[] = [
  { up: /^-- migrate:up/m, file: (up, down) => `-- migrate:up\n${up}\n-- migrate:down\n${down}` },
  { up: /^-- Up Migration/m, file: (up, down) => `-- Up Migration\n${up}\n-- Down Migration\n${down}` },
  ...["goose", "migrate"].map((tool) => ({
    up: new RegExp(`^-- \\+${tool} Up`, "m"),
    // As one statement, for the tool would end a statement at each semicolon.
    file: (up: string, down: string) =>
      `-- +${tool} Up\n-- +${tool} StatementBegin\n${up}-- +${tool} StatementEnd\n\n-- +${tool} Down\n${down}`,
  })),
];

function filesOf(
  folder: string,
  newest: string,
  text: string,
  migrations: Migration[],
  now: Date,
): NewFile[] {
  const names = namesAfter(newest, folder, migrations.length, now);
  const mark = marks.find(({ up }) => up.test(text));
  return migrations.flatMap(({ subject, up, down }, place): NewFile[] => {
    const path = `${folder}/${names[place]}${subject}`;
    if (newest.endsWith(".up.sql")) {
      return [{ path: `${path}.down.sql`, text: down }, { path: `${path}.up.sql`, text: up }];
    }
    return [{ path: `${path}.sql`, text: mark?.file(up, down) ?? up }];
  });
}

/** What new names begin with: "V8__" after "V7__add_users.sql", "0004_", "20261128190000_", milliseconds where they are. */
function namesAfter(newest: string, folder: string, count: number, now: Date): string[] {
  const [, before, digits, between] = /^(V?)(\d+)(__|_|-)/.exec(newest) ?? [];
  if (digits === undefined) {
    throw problem(
      "project_unknown",
      `${folder}/${newest} does not begin with a number, so it cannot be told what comes after it.`,
      {
        hint:
          "Make a migration of your own, and put into it what is in the package: node_modules/etiquette/supabase/migrations",
      },
    );
  }
  const number = Number(digits);
  const times: Record<number, number> = { 10: Math.floor(now.getTime() / 1000), 13: now.getTime() };
  const first = digits.length === 14
    ? stamps(1, now, number)[0]!
    : Math.max(number + 1, times[digits.length] ?? 0);
  return Array.from(
    { length: count },
    (_, place) => `${before}${String(first + place).padStart(digits.length, "0")}${between}`,
  );
}

/** V10 comes after V9. */
function byNumber(one: string, other: string): number {
  const number = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0);
  return number(one) - number(other) || (one < other ? -1 : 1);
}
