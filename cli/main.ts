// The command line in a clone. A verb is one line here, or in engine-verbs.ts if the engine is all it needs, and one file
// in commands/.

import process from "node:process";
import { engineVerbs } from "./engine-verbs.ts";
import { runProgram, type VerbEntry } from "./program.ts";

const verbs: VerbEntry[] = [
  ["start", "start the local platform, sync everything, and stay up", () => import("./commands/start.ts")],
  ["replay", "replay the incident of 2026-01-19", () => import("./commands/replay.ts")],
  ["sync", "sync a stream, or every stream that is due", () => import("./commands/sync.ts")],
  ["invoke", "call an edge function once", () => import("./commands/invoke.ts")],
  ["runs", "list the newest runs", () => import("./commands/runs.ts")],
  ["run", "show what a run did", () => import("./commands/run.ts")],
  ["badges", "count the PLS badges, and answer for pianos to check", () => import("./commands/badges.ts")],
  ["carry", "give what people own of a gone record to its receiver", () => import("./commands/carry.ts")],
  ["revert", "take back what a run wrote", () => import("./commands/revert.ts")],
  ["rejected", "list rejected records, and replay them", () => import("./commands/rejected.ts")],
  ["connect", "connect to Gazelle, or show how it is reached", () => import("./commands/connect.ts")],
  ["schedule", "show what runs when, and change it", () => import("./commands/schedule.ts")],
  ["alerts", "list alerts, acknowledge one, try the webhook", () => import("./commands/alerts.ts")],
  ["doctor", "look at a project from outside in", () => import("./commands/doctor.ts")],
];

await runProgram({
  description: "Syncs Gazelle into Postgres, and never over what a person wrote.",
  verbs: [...verbs, ...engineVerbs],
}, process.argv.slice(2));
