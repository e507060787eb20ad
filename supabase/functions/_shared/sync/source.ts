// A source: a system with records, read in streams. What the sync has to know of one is its names, its streams in their
// order, and how a stream is opened for reading; all the rest of a sync is the same for every source.

import type { Database } from "./database.ts";
import type { Names } from "./names.ts";
import type { Page } from "./page.ts";
import type { Mapped, Shape } from "./records.ts";
import type { Environment, Pace } from "./settings.ts";
import type { World } from "./world.ts";

export type Source = Names & {
  /** Each before those that refer to it: the order in which they are run. */
  streams: Stream[];
};

export type Stream = Mapped & {
  /** Unique among the streams of all sources. */
  name: string;
  /**
   * Called inside a run, so that wrong settings are on its record.
   * @param deadline when everything must be over, as `world.now()` tells time
   * @throws settings_invalid
   */
  open(outside: Outside, deadline: number): Reader;
};

/** What there is outside of a function. */
export type Outside = { world: World; database: Database; env: Environment };

export type Reader = {
  /** @param after an end cursor of this stream, or null for the first page. @throws a fault of the source */
  readPage(after: string | null): Promise<Page>;
  /** Waits as long as the source is to be left alone between two pages. */
  pause(): Promise<void>;
};

/** What the streams of one source are read through. */
export type Connection<Client> = { client: Client; pace: Pace };

/** A stream as a source writes it down. */
export type Readable<Client> = Shape & {
  name: string;
  read: (client: Client, first: number, after: string | null) => Promise<Page>;
};

/** Gives a function that makes a stream of what is read through the source's client. */
export function streamsOf<Client, Given extends Readable<Client> = Readable<Client>>(
  source: Names,
  connect: (outside: Outside, deadline: number) => Connection<Client>,
) {
  return (given: Given): Given & Stream => ({
    ...given,
    source,
    open(outside, deadline) {
      const { client, pace: { pageSize, pauseMs } } = connect(outside, deadline);
      return {
        readPage: (after) => given.read(client, pageSize, after),
        pause: () => pauseMs > 0 ? outside.world.sleep(pauseMs) : Promise.resolve(),
      };
    },
  });
}
