// What `npm start` has started and done, and its text for a person.

import type { Platform } from "../local/platform.ts";
import { badgeLines } from "./badge-lines.ts";
import type { Badge, Inventory, PianoToCheck } from "./people.ts";
import { failures, replacedAtFirst, type SyncReport, syncTable } from "./reports.ts";
import type { Source } from "./source.ts";
import { table } from "./table.ts";
import { seconds } from "./terminal.ts";

export interface Started extends AsyncDisposable {
  once: boolean;
  platform: Platform;
  source: Source;
  reports: SyncReport[];
  institutions: Inventory[];
  badges: Badge[];
  toCheck: PianoToCheck[];
  showsAllBadges: boolean;
  milliseconds: number;
}

/** The result without secrets, for --json. */
export function asValue({ platform, source, reports, institutions, badges, toCheck, milliseconds }: Started) {
  const { url, folder, publishableKey } = platform;
  return {
    url,
    folder,
    publishableKey,
    gazelle: source.url,
    reports,
    institutions,
    badges,
    toCheck,
    milliseconds,
  };
}

export function describeStart(started: Started): string {
  const { once, platform, source, reports, institutions, milliseconds } = started;
  return [
    "",
    inventories(institutions),
    ...badgeLines(started),
    "",
    syncTable(reports),
    ...reports.flatMap(failures),
    ...reports.flatMap(replacedAtFirst),
    `Ready after ${seconds(milliseconds)}.`,
    "",
    `  API        ${platform.url}`,
    `  Functions  ${platform.url}/functions/v1/sync-all, /sync-clients, …, /detect-pls`,
    `  Key        ${platform.publishableKey} (secret ones: ${platform.folder}/keys.json)`,
    `  Gazelle    ${source.url}`,
    `  psql       ${platform.databaseUrl}`,
    ...(once ? [] : ["  Schedule   npx etiquette schedule"]),
  ].join("\n");
}

function inventories(found: Inventory[]): string {
  if (found.length === 0) return "No client is tagged institutional yet.";
  const total = (key: "pianos" | "hidden" | "badges") => found.reduce((sum, one) => sum + one[key], 0);
  return table(["Institution", "Client", "Pianos", "Hidden", "PLS"], [
    ...found.map(({ name, id, pianos, hidden, badges }) => [name, id, pianos, hidden, badges]),
    [`${found.length} institutions`, "", total("pianos"), total("hidden"), total("badges")],
  ]);
}
