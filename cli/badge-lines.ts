// What `npm start` tells of the PLS badges.

import type { Badge, PianoToCheck } from "./people.ts";
import { oneLine } from "./terminal.ts";

interface Told {
  badges: Badge[];
  toCheck: PianoToCheck[];
  /** Show all badges instead of a few. */
  showsAllBadges: boolean;
}

const few = 3;

/** The badges with their reasons: a few of them, or all if that was asked for. */
export function badgeLines({ badges, toCheck, showsAllBadges }: Told): string[] {
  const notes = badges.filter(({ source }) => source === "notes");
  const gazelle = badges.filter(({ source }) => source === "gazelle").length;
  const strong = notes.filter(({ grade }) => grade === "strong").length;
  const shown = showsAllBadges ? badges : notes.slice(0, few);
  const others = badges.length - shown.length;
  return [
    `PLS badges: ${badges.length} (${notes.length} from the shop's notes, ${strong} of them strong; ${gazelle} from Gazelle); ` +
    `pianos to check: ${toCheck.length}`,
    ...shown.map(({ piano, name, reason }) => oneLine(`  ${piano}  ${name}: ${reason}`)),
    ...(others > 0 ? [`  and ${others} more: npm start -- --badges shows them all`] : []),
    ...(toCheck.length > 0 ? ["To check, with npx etiquette badges --to-check:"] : []),
    ...toCheck.slice(0, few).map(({ piano, name, reason, sentence }) =>
      oneLine(`  ${piano}  ${name}: ${reason}: ${sentence ?? ""}`)
    ),
  ];
}
