// `etiquette badges`: how the PLS badges stand, the pianos that a person is asked about, and that person's answers.

import type { Command } from "commander";
import type postgres from "postgres";
import { json, project } from "../options.ts";
import { badges, pianosToCheck, type PianoToCheck } from "../people.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";

export interface BadgesOptions extends ProjectOptions {
  toCheck?: true;
  yes?: string[];
  no?: string[];
  dryRun?: true;
  accept?: true;
  json?: true;
}

export interface Badges {
  badges: { all: number; fromNotes: number; strong: number };
  /** The pianos that were answered for now, and those of them that were not on the list. */
  answered: string[];
  unasked: string[];
  /** Whether what the rules now say was agreed to. */
  accepted: boolean;
  /** What the next pass would change; null unless it was asked for. Then nothing was written. */
  rehearsed: { badges_set: number; badges_taken: number; badges_held: number } | null;
  toCheck: PianoToCheck[];
  showsList: boolean;
}

export function define(command: Command): void {
  project(command)
    .description("count the PLS badges, list the pianos to check, and answer for them")
    .option("--to-check", "list the pianos whose badge the notes leave open, each with its sentence")
    .option("--yes <pianos...>", "these pianos have a system: their badges are yours from now on")
    .option("--no <pianos...>", "these have none")
    .option("--accept", "agree to what changed rules say: the next pass takes the badges that were held back")
    .option("--dry-run", "what that and the next pass would change; nothing is written")
    .addOption(json("one JSON value: the counts and the list"))
    .action((options: BadgesOptions) => {
      const twice = options.yes?.find((piano) => options.no?.includes(piano));
      if (twice !== undefined) command.error(`error: ${twice} is given with --yes and with --no`);
      return run(options, (signal) => answerAndList(options, signal), { text });
    });
}

/** Writes all that is asked for or, after an error, nothing of it. @throws needs_person, PT404, PT409 */
export function answerAndList(options: BadgesOptions, signal: AbortSignal): Promise<Badges> {
  return asPerson("badges", options, signal, async (sql) => {
    const undone = new Error("A dry run ends its transaction with this.");
    let result: Badges;
    await sql.begin(async (transaction) => {
      result = await answer(transaction, options);
      if (options.dryRun) throw undone;
    }).catch((error) => {
      if (error !== undone) throw error;
    });
    return result!;
  });
}

async function answer(sql: postgres.ISql, options: BadgesOptions): Promise<Badges> {
  const { yes = [], no = [], accept = false, dryRun = false, toCheck: showsList = false } = options;
  const asked = new Set((await pianosToCheck(sql)).map(({ piano }) => piano));
  const answered = [...new Set([...yes, ...no])];
  for (const piano of answered) await sql`select pls_answer(${piano}, ${yes.includes(piano)})`;
  if (accept) await sql`select pls_accept()`;
  const [pass] = dryRun
    ? await sql<{ report: Badges["rehearsed"] }[]>`select detect_pls(dry_run => true) as report`
    : [];
  const found = await badges(sql);
  const notes = found.filter(({ source }) => source === "notes");
  const strong = notes.filter(({ grade }) => grade === "strong").length;
  return {
    badges: { all: found.length, fromNotes: notes.length, strong },
    answered,
    unasked: answered.filter((piano) => !asked.has(piano)),
    accepted: accept,
    rehearsed: pass?.report ?? null,
    toCheck: await pianosToCheck(sql),
    showsList,
  };
}

function text({ badges, answered, unasked, accepted, rehearsed, toCheck, showsList }: Badges): string {
  const { all, fromNotes, strong } = badges;
  const writes = answered.length > 0 || accepted;
  return [
    ...(answered.length > 0 ? [`Answered for ${pianos(answered.length)}.`] : []),
    ...(unasked.length > 0 ? [`Not on the list before: ${unasked.join(", ")}.`] : []),
    ...(accepted ? ["The next pass takes the badges that were held back."] : []),
    `${all} badges, ${fromNotes} from the shop's notes, ${strong} of them by strong evidence; ${
      pianos(toCheck.length)
    } to check.`,
    ...(rehearsed === null ? [] : [
      `The next pass would set ${rehearsed.badges_set} badges, take ${rehearsed.badges_taken} and hold back ${rehearsed.badges_held}.`,
    ]),
    ...(showsList && toCheck.length > 0 ? [listOf(toCheck)] : []),
    ...(toCheck.length > 0
      ? [showsList ? "Answer with --yes <piano> or --no <piano>." : "etiquette badges --to-check lists them."]
      : []),
    ...(rehearsed !== null && writes ? ["Nothing is written: without --dry-run it is."] : []),
  ].join("\n");
}

const pianos = (count: number) => count === 1 ? "1 piano" : `${count} pianos`;

function listOf(pianos: PianoToCheck[]): string {
  return table(
    ["Piano", "", "Badge", "Why", "Sentence"],
    pianos.map((one) => [
      one.piano,
      one.name,
      one.has_badge ? "yes" : "no",
      one.reason,
      `${one.sentence ?? ""}${one.on === null ? "" : ` (${one.on})`}`,
    ]),
  );
}
