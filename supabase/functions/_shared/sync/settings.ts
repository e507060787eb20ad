// Parses the settings of a source from the environment. All mistakes are reported at once, and never with a value.

import { z } from "zod";
import { problem } from "../problem.ts";
import { isLocal, wrongUrl } from "../urls.ts";
import { type Names, prefixOf } from "./names.ts";

export type Environment = Record<string, string | undefined>;

/** How fast a source is read, and how often a request is repeated. Every source has these settings. */
export type Pace = {
  /** Records a page. */
  pageSize: number;
  /** Milliseconds between two pages. */
  pauseMs: number;
  /** Milliseconds until a request counts as lost. */
  timeoutMs: number;
  /** How often a failed request is tried again. */
  retries: number;
  /** The first wait before trying again, in milliseconds; it doubles each time, with full jitter. */
  backoffMs: number;
};

const paces = z.object({
  PAGE_SIZE: whole(1, 500).default(100),
  PAUSE_MS: whole(0, 60_000).default(200),
  TIMEOUT_MS: whole(1, 120_000).default(30_000),
  RETRIES: whole(0, 10).default(4),
  BACKOFF_MS: whole(1, 60_000).default(500),
});

const pace = paces.transform(({ PAGE_SIZE, PAUSE_MS, TIMEOUT_MS, RETRIES, BACKOFF_MS }): Pace => ({
  pageSize: PAGE_SIZE,
  pauseMs: PAUSE_MS,
  timeoutMs: TIMEOUT_MS,
  retries: RETRIES,
  backoffMs: BACKOFF_MS,
}));

/** The names of a source's settings, in full. */
export function settingNames(names: Names, own: { shape: Record<string, unknown> }): string[] {
  const prefix = prefixOf(names);
  return [
    ...Object.keys(own.shape).filter((name) => name.startsWith(prefix)),
    ...Object.keys(paces.shape).map((name) => prefix + name),
  ];
}

/**
 * A line for each name that is no setting and looks like one: it begins like those of the source, or nearly is one.
 * @param given the names that are set
 */
export function misnamed(names: Names, given: string[], known: string[]): string[] {
  return given.filter((name) => !known.includes(name)).flatMap((name) => {
    const isOurs = plain(name).startsWith(plain(prefixOf(names)));
    // A name that was cut short is nearer than any other.
    const steps = (one: string) =>
      isOurs && plain(one).startsWith(plain(name)) ? 0 : stepsBetween(plain(name), plain(one));
    const nearest = known.toSorted((a, b) => steps(a) - steps(b))[0]!;
    return isOurs || steps(nearest) <= 2 ? [`${name} is no setting, the nearest is ${nearest}`] : [];
  });
}

const plain = (name: string) => name.toLowerCase().replaceAll("_", "");

/** How many letters are to be put in, left out or changed (Levenshtein). */
function stepsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, place) => place);
  for (const [done, letter] of [...from].entries()) {
    const next = [done + 1];
    for (const [place, other] of [...to].entries()) {
      next.push(Math.min(next[place]! + 1, row[place + 1]! + 1, row[place]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length]!;
}

/** A key, a password, a token. */
export const secret = z.string().min(8, "is too short to be one");

/**
 * @param own the other settings of the source, under their full names; SUPABASE_URL is passed to them too
 * @param addresses the names of those that are addresses to which requests are sent
 * @throws settings_invalid, with one line of details for each mistake
 */
export function parseSettings<Own extends Record<string, unknown>>(
  names: Names,
  env: Environment,
  own: z.ZodType<Own> & { shape: Record<string, unknown> },
  addresses: (keyof Own & string)[],
): { own: Own; pace: Pace } {
  const prefix = prefixOf(names);
  const given = Object.entries(env).filter(([name, value]) =>
    (name.startsWith(prefix) || name === "SUPABASE_URL") && value?.trim()
  );
  const unprefixed = given.map(([name, value]) => [name.slice(prefix.length), value]);
  const all = Object.fromEntries(given);
  const [ownParsed, paceParsed] = [own.safeParse(all), pace.safeParse(Object.fromEntries(unprefixed))];
  const mistakes = [
    ...ownParsed.error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`) ?? [],
    ...wrongAddresses(ownParsed.data ?? all, addresses, isLocal(all.SUPABASE_URL)),
    ...paceParsed.error?.issues.map(({ path, message }) => `${prefix}${path.join(".")} ${message}`) ?? [],
  ];
  if (ownParsed.success && paceParsed.success && mistakes.length === 0) {
    return { own: ownParsed.data, pace: paceParsed.data };
  }
  // What is missing may be there under another name. An application may have variables that begin alike, too.
  mistakes.push(...misnamed(names, Object.keys(all), settingNames(names, own)));
  throw problem("settings_invalid", `the settings for ${names.label} are not usable`, {
    details: mistakes.join("\n"),
    hint:
      "Set these variables (locally in .env, hosted as the functions' secrets), then start the sync again.",
  });
}

function wrongAddresses(settings: Record<string, unknown>, names: string[], isLocal: boolean): string[] {
  return names.flatMap((name) => {
    const address = settings[name];
    const wrong = typeof address === "string" ? wrongUrl(address, isLocal) : null;
    return wrong === null ? [] : [`${name} ${wrong}`];
  });
}

function whole(least: number, most: number) {
  const range = `must be a whole number from ${least} to ${most}`;
  return z.string().regex(/^\d+$/, range).transform(Number).pipe(
    z.number().min(least, range).max(most, range),
  );
}
