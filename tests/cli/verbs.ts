// Runs verbs against a test's platform, in each of the ways that a project can be named.

import type { LocalPlatform } from "../fixtures/local.ts";
import { etiquette, type Run } from "./etiquette.ts";

type Place = Pick<LocalPlatform, "url" | "secretKey" | "databaseUrl" | "folder">;

/** By URL and key, as a hosted project; by SQL; as the local platform, whose folder has its address and keys. */
export const ways = {
  "URL and key": ({ url, secretKey }: Place) => ({ ETIQUETTE_URL: url, ETIQUETTE_SECRET_KEY: secretKey }),
  SQL: ({ databaseUrl }: Place) => ({ ETIQUETTE_DATABASE_URL: databaseUrl }),
  folder: ({ folder }: Place) => ({ ETIQUETTE_DATA: folder }),
};

export type Way = keyof typeof ways;

export interface Ended {
  code: number | null;
  /** Standard output alone, and with standard error. */
  printed: string;
  output: string;
}

export function begin(platform: Place, way: Way, words: string[]): Run {
  // A folder that is not there: nothing but what is named may be used.
  return etiquette(words, { ETIQUETTE_DATA: `${platform.folder}/nothing`, ...ways[way](platform) });
}

export async function verb(platform: Place, way: Way, ...words: string[]): Promise<Ended> {
  const run = begin(platform, way, words);
  return { code: await run.ended, printed: run.printed(), output: run.output() };
}

/** One object a line, or one value. */
export function readLines<T>({ printed }: Ended): T[] {
  return printed.trim() === "" ? [] : printed.trim().split("\n").map((line) => JSON.parse(line));
}
