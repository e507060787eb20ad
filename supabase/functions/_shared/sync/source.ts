// What a source is: a system from which records are read, in streams. The sync knows of a source its names, its
// streams in their order, and how to open a stream for reading. Everything else in a sync is the same for all
// sources.

import type { Database } from "./database.ts";
import type { Names } from "./names.ts";
import type { Account, Page } from "./page.ts";
import type { Mapped, Shape } from "./records.ts";
import type { Environment, Pace } from "./settings.ts";
import type { World } from "./world.ts";

export type Source = Names & {
  /** In the order of their runs: each before those that refer to it. */
  streams: Stream[];
};

export type Stream = Mapped & {
  /** Unique among the streams of all sources. */
  name: string;
  /**
   * Called after the run has started, so that wrong settings are recorded with it.
   * @param deadline after which no request is sent again, as `world.now()` tells time
   * @throws settings_invalid
   */
  open(outside: Outside, deadline: number): Reader;
};

/** What a function uses of the world outside. */
export type Outside = { world: World; database: Database; env: Environment };

export type Reader = {
  /** @param after the end cursor of the page before, or null for the first page. @throws a fault of the source */
  readPage(after: string | null): Promise<Page>;
  /** Waits for as long as the settings demand between two pages. */
  pause(): Promise<void>;
};

/** A client for the streams of a source, and how fast to read through it. */
export type Connection<Client> = {
  client: Client;
  pace: Pace;
  /** Whose records the client has read, as soon as it knows. */
  account?: () => Account | null;
};

/** What a source has to say of a stream: its name, how to read a page of it, and the shape of its records. */
export type Readable<Client> = Shape & {
  name: string;
  read: (client: Client, first: number, after: string | null) => Promise<Page>;
};

/** Returns the function with which a source makes its streams, all of which are read through the same kind of client. */
export function streamsOf<Client, Given extends Readable<Client> = Readable<Client>>(
  source: Names,
  connect: (outside: Outside, deadline: number) => Connection<Client>,
) {
  return (given: Given): Given & Stream => ({
    ...given,
    source,
    open(outside, deadline) {
      const { client, pace: { pageSize, pauseMs }, account = () => null } = connect(outside, deadline);
      let isTold = false;
      return {
        async readPage(after) {
          const page = await given.read(client, pageSize, after);
          if (isTold) return page;
          isTold = true;
          return { ...page, account: account() };
        },
        pause: () => pauseMs > 0 ? outside.world.sleep(pauseMs) : Promise.resolve(),
      };
    },
  });
}
