import { recordId, type Shop } from "./shop.ts";

/**
 * What is known of a piano's Piano Life Saver:
 * - `notes`: installed, and only the service notes say so (340 pianos at scale 1);
 * - `upstream`: installed, and Gazelle's own field says so;
 * - `removed`: the notes tell of one, the newest of its removal;
 * - `quoted`: offered or recommended, never installed;
 * - `none`: nothing, or mere noise.
 */
export type PlsStory = "notes" | "upstream" | "removed" | "quoted" | "none";

export function plsStory(shop: Shop, piano: number): PlsStory {
  const rank = shop.plsRanks.forward(shop.pianoRanks.forward(piano));
  let reached = 0;
  for (const [story, share] of SHARES) {
    reached += share;
    if (rank < Math.round(reached * shop.scale)) return story;
  }
  return "none";
}

const SHARES: readonly [PlsStory, number][] = [["notes", 340], ["upstream", 96], ["removed", 24], [
  "quoted",
  75,
]];

/** The ids of the pianos whose system is known from the shop's notes alone, in the order of the piano list. */
export function* plsFromNotes(shop: Shop): Iterable<string> {
  for (let piano = 0; piano < shop.counts.piano; piano++) {
    if (plsStory(shop, piano) === "notes") yield recordId(shop, "piano", piano);
  }
}
