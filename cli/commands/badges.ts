// `etiquette badges`: how the PLS badges stand, the pianos that a person is asked about, and that person's answers.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { badges, pianosToCheck, type PianoToCheck } from "../people.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";
import { table } from "../terminal.ts";

export interface BadgesOptions extends ProjectOptions {
  toCheck?: true;
  yes?: string[];
  no?: string[];
  dryRun?: true;
  accept?: true;
}

export interface Badges {
  badges: { all: number; fromNotes: number; strong: number };
  /** What was answered now. */
  answered: number;
  /** Whether what the rules now say was agreed to. */
  accepted: boolean;
  /** What the next pass would change; null unless it was asked for. */
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
    .option("--dry-run", "what the next pass would change")
    .option("--accept", "agree to what changed rules say: the next pass takes the badges that were held back")
    .addOption(json("one JSON value: the counts and the list"))
    .action((options) => run(options, (signal) => answerAndList(options, signal), { text }));
}

/** @throws needs_person, PT404 */
export function answerAndList(options: BadgesOptions, signal: AbortSignal): Promise<Badges> {
  return asPerson("badges", options, signal, async (sql) => {
    const answers = [
      ...(options.yes ?? []).map((piano) => [piano, true] as const),
      ...(options.no ?? []).map((piano) => [piano, false] as const),
    ];
    await sql.begin(async (transaction) => {
      for (const [piano, installed] of answers) await transaction`select pls_answer(${piano}, ${installed})`;
      if (options.accept) await transaction`select pls_accept()`;
    });
    const [pass] = options.dryRun
      ? await sql<{ report: Badges["rehearsed"] }[]>`select detect_pls(dry_run => true) as report`
      : [];
    const found = await badges(sql);
    const notes = found.filter(({ source }) => source === "notes");
    const strong = notes.filter(({ grade }) => grade === "strong").length;
    return {
      badges: { all: found.length, fromNotes: notes.length, strong },
      answered: answers.length,
      accepted: options.accept ?? false,
      rehearsed: pass?.report ?? null,
      toCheck: await pianosToCheck(sql),
      showsList: options.toCheck ?? false,
    };
  });
}

function text({ badges, answered, accepted, rehearsed, toCheck, showsList }: Badges): string {
  const { all, fromNotes, strong } = badges;
  return [
    ...(answered > 0 ? [`Answered for ${answered} pianos.`] : []),
    ...(accepted ? ["The next pass takes the badges that were held back."] : []),
    `${all} badges, ${fromNotes} from the shop's notes, ${strong} of them by strong evidence; ${toCheck.length} pianos to check.`,
    ...(rehearsed === null ? [] : [
      `The next pass would set ${rehearsed.badges_set} badges, take ${rehearsed.badges_taken} and hold back ${rehearsed.badges_held}.`,
    ]),
    ...(showsList && toCheck.length > 0 ? [listOf(toCheck)] : []),
    ...(toCheck.length > 0
      ? [showsList ? "Answer with --yes <piano> or --no <piano>." : "etiquette badges --to-check lists them."]
      : []),
  ].join("\n");
}

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
