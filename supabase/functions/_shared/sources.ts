// All sources, in the order in which sync-all runs them.

import { gazelle } from "./gazelle/index.ts";
import type { Source } from "./sync/source.ts";

export const sources: Source[] = [gazelle];

export const streams = sources.flatMap((source) => source.streams);
