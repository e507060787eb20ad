// Whether a row costs the same in a large table as in a small one, with none, few and half of the rows claimed.

import { type Clock, inTurn } from "./cost.ts";
import type { BenchServer, Prepare } from "./database.ts";
import { clockFor, type Cost, type Measure, median, ratioOf, type Rounds } from "./measure.ts";
import { whole } from "./report.ts";
import { changed, guards, upsert } from "./statements.ts";

export interface FlatnessOptions {
  /** Rows of the tables, the smallest first. */
  sizes: number[];
  rounds: number;
  clock: Clock;
}

const shares = { "no row claimed": 0, "1 % claimed": 0.01, "50 % claimed": 0.5 };
const limit = 1.3;

/**
 * Every row brings a new value to a protected column. Judged is how far apart the ratios to the unguarded twin are
 * over the sizes, so that what any large table costs (caches, deeper indexes, checkpoints) does not count.
 */
export async function* flatness(server: BenchServer, options: FlatnessOptions): AsyncGenerator<Measure> {
  const found: Rounds[] = [];
  for (const size of options.sizes) found.push(await roundsAt(server, size, options));
  for (const share of Object.keys(shares)) yield judge(share, options.sizes, found);
}

/** Costs in a table of this size, by share of claimed rows; and in the unguarded twin. */
async function roundsAt(
  server: BenchServer,
  size: number,
  { rounds, clock }: FlatnessOptions,
): Promise<Rounds> {
  const templates = { unguarded: await server.template(`flat_${size}`, loaded(size, size)) };
  for (const [share, part] of Object.entries(shares)) {
    const name = `flat_${size}_claimed_${part * 100}`;
    Object.assign(templates, {
      [share]: await server.template(name, claimed(size, Math.round(size * part))),
    });
  }
  const statement = upsert({ ...changed, location: "location || ', nouveau'" });
  // A small table is done in no time, and the clock's own error shows: it is measured more often.
  const times = size < 10_000 ? rounds * 3 : size > 100_000 ? 3 : rounds;
  const costs = await inTurn(server, templates, statement, times, clock);
  for (const template of Object.values(templates)) await server.drop(template);
  return costs;
}

/** Guarded; the first rows are loaded and become a person's, then the others are loaded. */
function claimed(size: number, share: number): Prepare {
  return async (person, sync) => {
    await guards["guarded"]!(person, sync);
    await loaded(size, share)(person, sync);
    await person`select ownership.adopt('bench.pianos', 'location')`;
    await sync.unsafe(upsert()(size, share));
  };
}

/** The source has all rows, the table the first ones. */
function loaded(size: number, rows: number): Prepare {
  return async (person, sync) => {
    await person`select bench.fill(${size})`;
    await sync.unsafe(upsert()(rows));
  };
}

function judge(share: string, sizes: number[], found: Rounds[]): Measure {
  const pairs = found.map((rounds): [Cost[], Cost[]] => [rounds[share]!, rounds["unguarded"]!]);
  const apart = (clock: keyof Cost) => {
    const ratios = pairs.map(([costs, base]) => ratioOf(costs, base, clock));
    const known = ratios.filter((ratio) => ratio !== null);
    return known.length < ratios.length ? null : Math.max(...known) / Math.min(...known);
  };
  const clock = clockFor(pairs);
  const [guarded, unguarded] = pairs.at(-1)!;
  return {
    name: `cost per row, ${whole(sizes[0]!)} to ${whole(sizes.at(-1)!)} rows, ${share}`,
    unit: "µs/row",
    guarded: perRow(guarded, sizes.at(-1)!),
    unguarded: perRow(unguarded, sizes.at(-1)!),
    ratio: apart("wall"),
    cpuRatio: apart("cpu"),
    judgedBy: clock,
    limit,
    ok: apart(clock)! <= limit,
  };
}

const perRow = (costs: Cost[], rows: number) => median(costs.map(({ wall }) => wall)) * 1000 / rows;
