// A project of drizzle-kit: <out>/<number>_<subject>.sql, listed in <out>/meta/_journal.json, each with a snapshot of the
// tables, which a migration of SQL alone leaves as they were.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import {
  type Kind,
  type Migration,
  namesIn,
  type NewFile,
  readFirst,
  readIfThere,
  relative,
  setting,
} from "./place.ts";

const configs = ["ts", "js", "mjs", "json"].map((ending) => `drizzle.config.${ending}`);

interface Journal {
  version: string;
  dialect: string;
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
}

export const drizzle: Kind = {
  name: "drizzle",
  sign: "drizzle.config.ts",
  async find(project) {
    const config = await readFirst(project, configs);
    if (config === undefined) return null;
    refuseOthers(config);
    const folder = relative(setting(config.text, "out") ?? "drizzle");
    const text = await readIfThere(join(project, folder, "meta/_journal.json"));
    if (text === null) throw await noJournal(project, folder);
    const journal: Journal = JSON.parse(text);
    return {
      kind: "drizzle",
      folder,
      names: journal.entries.map(({ tag }) => tag),
      files: (migrations, now) => filesOf(project, folder, journal, migrations, now),
      next: "npx drizzle-kit migrate",
    };
  },
};

function refuseOthers({ name, text }: { name: string; text: string }): void {
  const dialect = setting(text, "dialect");
  if (dialect === undefined || dialect === "postgresql") return;
  throw problem("project_not_postgres", `${name} is for ${dialect}, and the engine is for Postgres.`, {
    hint: "Name the folder of the project that is on Postgres: --folder",
  });
}

async function noJournal(project: string, folder: string): Promise<Error> {
  const has = (await namesIn(project, folder)).length > 0;
  return problem(
    "project_unfinished",
    `${folder}/meta/_journal.json is not there, which lists Drizzle's migrations.`,
    {
      details: has
        ? "The folder has files, but this drizzle-kit keeps them in another way."
        : "The project has no migrations yet.",
      hint: has
        ? "Make an empty one, and put into it what `etiquette install --json` shows: npx drizzle-kit generate --custom"
        : "Make the first one: npx drizzle-kit generate. Then install again.",
    },
  );
}

/** The journal is written last: a migration that is not in it does not exist for drizzle-kit. */
async function filesOf(
  project: string,
  folder: string,
  journal: Journal,
  migrations: Migration[],
  now: Date,
): Promise<NewFile[]> {
  const last = journal.entries.at(-1);
  const first = last === undefined ? 0 : last.idx + 1;
  let snapshot = last === undefined ? noTables : await readSnapshot(project, folder, last.idx);
  const files: NewFile[] = [];
  const entries = [...journal.entries];
  for (const [place, { subject, up }] of migrations.entries()) {
    const [idx, number] = [first + place, String(first + place).padStart(4, "0")];
    snapshot = { ...snapshot, id: randomUUID(), prevId: snapshot.id };
    files.push({ path: `${folder}/${number}_${subject}.sql`, text: up });
    files.push({ path: `${folder}/meta/${number}_snapshot.json`, text: JSON.stringify(snapshot, null, 2) });
    const when = Math.max(now.getTime(), (entries.at(-1)?.when ?? 0) + 1);
    entries.push({
      idx,
      version: last?.version ?? "7",
      when,
      tag: `${number}_${subject}`,
      breakpoints: true,
    });
  }
  const text = JSON.stringify({ ...journal, entries }, null, 2);
  return [...files, { path: `${folder}/meta/_journal.json`, text, replaces: true }];
}

interface Snapshot {
  id: string;
  prevId: string;
}

const noTables: Snapshot = {
  id: "00000000-0000-0000-0000-000000000000",
  prevId: "",
  ...{
    version: "7",
    dialect: "postgresql",
    tables: {},
    enums: {},
    schemas: {},
    sequences: {},
    roles: {},
    policies: {},
  },
  ...{ views: {}, _meta: { columns: {}, schemas: {}, tables: {} } },
};

async function readSnapshot(project: string, folder: string, idx: number): Promise<Snapshot> {
  const path = `${folder}/meta/${String(idx).padStart(4, "0")}_snapshot.json`;
  const text = await readIfThere(join(project, path));
  if (text !== null) return JSON.parse(text);
  throw problem("project_unfinished", `${path} is not there, which drizzle-kit writes with each migration.`, {
    hint: "Bring it back from your repository, then install again.",
  });
}
