// The verbs that need the ownership engine and nothing else: a Postgres, and no Gazelle, Supabase or Deno.

import type { VerbEntry } from "./program.ts";

export const engineVerbs: VerbEntry[] = [
  ["install", "install the ownership engine", () => import("./commands/install.ts")],
  ["status", "say what is installed, and what would change", () => import("./commands/status.ts")],
  ["uninstall", "take the ownership engine out again", () => import("./commands/uninstall.ts")],
  ["health", "check that everything that protects is in place", () => import("./commands/health.ts")],
  ["protect", "protect a column", () => import("./commands/protect.ts")],
  ["explain", "say who owns a cell, and why", () => import("./commands/explain.ts")],
  ["release", "give a cell back to the source", () => import("./commands/release.ts")],
  ["history", "list what happened to a row's owned cells", () => import("./commands/history.ts")],
  ["verify", "check that what should stand there does", () => import("./commands/verify.ts")],
  ["restore", "put manual values back to what they were", () => import("./commands/restore.ts")],
  ["export", "write every manual value into one JSON file", () => import("./commands/export.ts")],
  ["import", "bring back what an exported file holds", () => import("./commands/import.ts")],
];
