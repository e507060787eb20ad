// The command line. A verb is one line here and one file in commands/, which is loaded only when it is used.

import process from "node:process";
import { Command, CommanderError } from "commander";

interface Verb {
  /** Adds arguments, options and what to do. */
  define(command: Command): void;
}

const verbs: [name: string, summary: string, load: () => Promise<Verb>][] = [
  ["start", "start the local platform, sync everything, and stay up", () => import("./commands/start.ts")],
  ["replay", "replay the incident of 2026-01-19", () => import("./commands/replay.ts")],
  ["sync", "sync a stream, or every stream that is due", () => import("./commands/sync.ts")],
  ["invoke", "call an edge function once", () => import("./commands/invoke.ts")],
  ["runs", "list the newest runs", () => import("./commands/runs.ts")],
  ["run", "show what a run did", () => import("./commands/run.ts")],
  ["health", "check that everything that protects is in place", () => import("./commands/health.ts")],
  ["protect", "protect a column", () => import("./commands/protect.ts")],
  ["explain", "say who owns a cell, and why", () => import("./commands/explain.ts")],
  ["release", "give a cell back to the source", () => import("./commands/release.ts")],
  ["history", "list what happened to a row's owned cells", () => import("./commands/history.ts")],
  ["verify", "check that what should stand there does", () => import("./commands/verify.ts")],
  ["badges", "count the PLS badges, and answer for pianos to check", () => import("./commands/badges.ts")],
  ["restore", "put manual values back to what they were", () => import("./commands/restore.ts")],
  ["revert", "take back what a run wrote", () => import("./commands/revert.ts")],
  ["rejected", "list rejected records, and replay them", () => import("./commands/rejected.ts")],
  ["connect", "connect to Gazelle, or show how it is reached", () => import("./commands/connect.ts")],
  ["export", "write every manual value into one JSON file", () => import("./commands/export.ts")],
  ["import", "bring back what an exported file holds", () => import("./commands/import.ts")],
  ["schedule", "show what runs when, and change it", () => import("./commands/schedule.ts")],
  ["doctor", "look at a project from outside in", () => import("./commands/doctor.ts")],
];

const wrongUsage = 2;
const words = process.argv.slice(2);

const program = new Command("etiquette")
  .description("Syncs Gazelle into Postgres, and never over what a person wrote.")
  .configureHelp({ sortOptions: true })
  .showHelpAfterError("Add --help for what it takes.")
  .exitOverride();
// The verb is found before the arguments are parsed, so that only its file is loaded: `etiquette sync`, or `etiquette
// help sync`.
const asked = words.find((word) => !word.startsWith("-") && word !== "help");
for (const [name, summary, load] of verbs) {
  const command = program.command(name).description(summary);
  if (name === asked) (await load()).define(command);
}

try {
  await program.parseAsync(words, { from: "user" });
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : wrongUsage;
}
