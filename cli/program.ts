// The command line as a whole. A verb is a file in commands/, which is loaded only when it is used.

import process from "node:process";
import { Command, CommanderError } from "commander";
import { version } from "./package.ts";

export interface Verb {
  /** Adds arguments, options and what to do. */
  define(command: Command): void;
}

export type VerbEntry = [name: string, summary: string, load: () => Promise<Verb>];

const wrongUsage = 2;

/** @param elsewhere verbs that exist and are not in this program, so that help does not list them */
export async function runProgram(
  { description, verbs, elsewhere = [], after = "" }: {
    description: string;
    verbs: VerbEntry[];
    elsewhere?: VerbEntry[];
    /** Stands below the help. */
    after?: string;
  },
  words: string[],
): Promise<void> {
  const program = new Command("etiquette")
    .description(description)
    .version(await version(), "-V, --version", "print the version")
    .configureHelp({ sortOptions: true })
    .showHelpAfterError("Add --help for what it takes.")
    .addHelpText("after", after)
    .exitOverride();
  // The verb is found before the arguments are parsed, so that only its file is loaded: `etiquette sync`, or `etiquette
  // help sync`.
  const asked = words.find((word) => !word.startsWith("-") && word !== "help");
  for (const [name, summary, load] of [...verbs, ...elsewhere]) {
    const hidden = !verbs.some(([listed]) => listed === name);
    const command = program.command(name, { hidden }).description(summary);
    if (name === asked) (await load()).define(command);
  }
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : wrongUsage;
  }
}
