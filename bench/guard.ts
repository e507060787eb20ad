// `npm run bench -- guard`: what protecting a table costs, each figure a ratio to an unprotected twin in one run.

import type postgres from "postgres";
import { type Clock, inTurn, type Statement } from "./cost.ts";
import type { BenchServer } from "./database.ts";
import { flatness } from "./flatness.ts";
import { identicalSyncs, restoring } from "./limits.ts";
import { compare, type Measure } from "./measure.ts";
import { changed, claimLocations, guards, upsert } from "./statements.ts";

export interface GuardOptions {
  rows: number;
  /** Table sizes over which the cost per row must stay flat, the smallest first. */
  sizes: number[];
  /** How often each pair is measured. */
  rounds: number;
  clock: Clock;
}

/** Yields each measure as soon as it is known. */
export async function* benchGuard(server: BenchServer, options: GuardOptions): AsyncGenerator<Measure> {
  const empty = await eachVariant(
    server,
    "empty",
    undefined,
    (_, person) => person`select bench.fill(${options.rows})`,
  );
  yield await measure(server, "initial load", empty, upsert(), 1.15, options);

  const loaded = await eachVariant(server, "loaded", empty, (_, __, sync) => sync.unsafe(upsert()()));
  yield await measure(server, "protected values do not change", loaded, upsert(changed), 1.05, options);
  const renamed = upsert({ ...changed, location: "location || ', nouveau'" });
  yield await measure(server, "every row brings a new value, unclaimed", loaded, renamed, 1.15, options);

  const claimed = await eachVariant(server, "claimed", loaded, (_, person) => claimLocations(person));
  const blanked = upsert({ ...changed, location: "''" });
  yield await measure(server, "every row blanks a claimed value", claimed, blanked, 1.25, options);
  const again = await eachVariant(server, "again", claimed, (_, __, sync) => sync.unsafe(blanked()));
  yield await measure(server, "the same once more", again, blanked, 1.25, options);

  for (const templates of [empty, loaded, claimed, again]) {
    for (const name of Object.values(templates)) await server.drop(name);
  }
  yield* flatness(server, options);
  yield await restoring(server, options.clock);
  yield await identicalSyncs(server);
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
  { rounds, clock }: GuardOptions,
): Promise<Measure> {
  const { unguarded, guarded, ...peers } = templates;
  const pair = { unguarded: unguarded!, guarded: guarded! };
  const first = await inTurn(server, { ...pair, ...peers }, statement, peerRounds, clock);
  const more = await inTurn(server, pair, statement, rounds - peerRounds, clock);
  return compare(name, {
    ...first,
    unguarded: [...first["unguarded"]!, ...more["unguarded"]!],
    guarded: [...first["guarded"]!, ...more["guarded"]!],
  }, limit);
}

/** The peers are slow and their ratios large: fewer rounds tell them apart. */
const peerRounds = 3;
