// `npm run bench -- guard`: what protecting a table costs, each figure a ratio to an unprotected twin in one run.

import type postgres from "postgres";
import { type Clock, inTurn, type Size, type Statement } from "./cost.ts";
import type { BenchServer } from "./database.ts";
import { flatness } from "./flatness.ts";
import { identicalSyncs, restoring } from "./limits.ts";
import { compare, type Measure } from "./measure.ts";
import { changed, claimLocations, guards, upsert } from "./statements.ts";

/** How much is measured. */
export interface Extent {
  /** The table whose writes are compared with those of an unguarded twin. */
  table: Size;
  /** The same where each row is written by a statement of its own. */
  singles: Size;
  /** How often the peers are measured. They are slow, and a few rounds tell them apart. */
  peerRounds: number;
  /** Tables over which the cost per row must stay flat, the smallest first. */
  sizes: Size[];
  /** Claimed cells that are lost and restored. */
  cells: number;
  /** How often the same sync is repeated. */
  syncs: number;
}

/** Yields each measure as soon as it is known. */
export async function* benchGuard(
  server: BenchServer,
  extent: Extent,
  clock: Clock,
): AsyncGenerator<Measure> {
  const measured = (name: string, templates: Templates, statement: Statement, limit: number) =>
    measure(server, name, templates, statement, limit, extent, clock);

  const empty = await eachVariant(
    server,
    "empty",
    undefined,
    (_, person) => person`select bench.fill(${extent.table.rows})`,
  );
  yield await measured("initial load", empty, upsert(), 1.15);

  const loaded = await eachVariant(server, "loaded", empty, (_, __, sync) => sync.unsafe(upsert()()));
  yield await measured("protected values do not change", loaded, upsert(changed), 1.05);
  yield await measure(
    server,
    "one row a statement, protected values do not change",
    loaded,
    upsert(changed),
    1.3,
    {
      ...extent,
      table: extent.singles,
      peerRounds: extent.singles.rounds,
    },
    clock,
  );
  const renamed = upsert({ ...changed, location: "location || ', nouveau'" });
  yield await measured("every row brings a new value, unclaimed", loaded, renamed, 1.15);

  const few = await eachVariant(server, "few", loaded, (_, person) => claimLocations(person, 100));
  yield await measured("every row brings a new value, 1 % claimed", few, renamed, 1.45);
  const claimed = await eachVariant(server, "claimed", loaded, (_, person) => claimLocations(person));
  const blanked = upsert({ ...changed, location: "''" });
  yield await measured("every row blanks a claimed value", claimed, blanked, 2.2);
  const again = await eachVariant(server, "again", claimed, (_, __, sync) => sync.unsafe(blanked()));
  yield await measured("the same once more", again, blanked, 2.2);

  for (const templates of [empty, loaded, few, claimed, again]) {
    for (const name of Object.values(templates)) await server.drop(name);
  }
  yield* flatness(server, extent.sizes, clock);
  yield await restoring(server, extent.cells, clock);
  yield await identicalSyncs(server, extent.syncs);
}

type Templates = Record<string, string>;

/** A template for each variant, made from that of the stage before. */
async function eachVariant(
  server: BenchServer,
  stage: string,
  from: Templates | undefined,
  prepare: (variant: string, person: postgres.Sql, sync: postgres.Sql) => Promise<unknown>,
): Promise<Templates> {
  const templates: Templates = {};
  for (const [variant, guard] of Object.entries(guards)) {
    const name = `${stage}_${variant.replaceAll(/\W/g, "_")}`;
    templates[variant] = await server.template(name, async (person, sync) => {
      if (from === undefined) await guard(person, sync);
      await prepare(variant, person, sync);
    }, from?.[variant]);
  }
  return templates;
}

async function measure(
  server: BenchServer,
  name: string,
  templates: Templates,
  statement: Statement,
  limit: number,
  { table, peerRounds }: Extent,
  clock: Clock,
): Promise<Measure> {
  const roundsOf = (variant: string) => isPeer(variant) ? peerRounds : table.rounds;
  const costs = await inTurn(server, templates, statement, table, clock, roundsOf);
  return compare(name, table.rows, costs, limit);
}

const isPeer = (variant: string) => variant !== "guarded" && variant !== "unguarded";
