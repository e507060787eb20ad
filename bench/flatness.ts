// Whether a row costs the same in a large table as in a small one, with none, few and half of the rows claimed.

import { type Clock, inTurn, type Size } from "./cost.ts";
import type { BenchServer, Prepare } from "./database.ts";
import { clockFor, type Cost, type Measure, median, ratioOf, type Rounds } from "./measure.ts";
import { whole } from "./report.ts";
import { changed, guards, upsert } from "./statements.ts";

const shares = { "no row claimed": 0, "1 % claimed": 0.01, "50 % claimed": 0.5 };
const limit = 1.3;

/**
 * Every row brings a new value to a protected column. Judged is how far apart the ratios to the unguarded twin are
 * over the sizes, so that what any large table costs (caches, deeper indexes, checkpoints) does not count.
 */
export async function* flatness(
  server: BenchServer,
  sizes: Size[],
  clock: Clock,
): AsyncGenerator<Measure> {
  const found: Rounds[] = [];
  for (const size of sizes) found.push(await roundsAt(server, size, clock));
  for (const share of Object.keys(shares)) yield judge(share, sizes, found);
}

/** Costs in a table of this size, by share of claimed rows; and in the unguarded twin. */
async function roundsAt(server: BenchServer, size: Size, clock: Clock): Promise<Rounds> {
  const { rows } = size;
  const templates = { unguarded: await server.template(`flat_${rows}`, loaded(rows, rows)) };
  for (const [share, part] of Object.entries(shares)) {
    const name = `flat_${rows}_claimed_${part * 100}`;
    Object.assign(templates, {
      [share]: await server.template(name, claimed(rows, Math.round(rows * part))),
    });
  }
  const statement = upsert({ ...changed, location: "location || ', nouveau'" });
  const costs = await inTurn(server, templates, statement, size, clock);
  for (const template of Object.values(templates)) await server.drop(template);
  return costs;
}

/** Guarded; the first rows are loaded and become a person's, then the others are loaded. */
function claimed(size: number, share: number): Prepare {
  return async (person, sync) => {
    await guards["guarded"]!(person, sync);
    await loaded(size, share)(person, sync);
    await person`select ownership.adopt('bench.pianos', 'location')`;
    await sync.unsafe(upsert()(`n > ${share}`));
  };
}

/** The source has all rows, the table the first ones. */
function loaded(size: number, rows: number): Prepare {
  return async (person, sync) => {
    await person`select bench.fill(${size})`;
    await sync.unsafe(upsert()(`n <= ${rows}`));
  };
}

function judge(share: string, sizes: Size[], found: Rounds[]): Measure {
  const pairs = found.map((rounds): [Cost[], Cost[]] => [rounds[share]!, rounds["unguarded"]!]);
  const apart = (clock: keyof Cost) => {
    const ratios = pairs.map(([costs, base]) => ratioOf(costs, base, clock));
    const known = ratios.filter((ratio) => ratio !== null);
    return known.length < ratios.length ? null : Math.max(...known) / Math.min(...known);
  };
  const clock = clockFor(pairs);
  const [guarded, unguarded] = pairs.at(-1)!;
  const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
  const rowsAtOnce = largest.rowsAtOnce ?? largest.rows;
  const perRow = (costs: Cost[]) => median(costs.map(({ wall }) => wall)) * 1000 / rowsAtOnce;
  return {
    name: `cost per row, ${whole(smallest.rows)} to ${whole(largest.rows)} rows, ${share}`,
    rows: largest.rows,
    rounds: guarded.length,
    unit: "µs/row",
    guarded: perRow(guarded),
    unguarded: perRow(unguarded),
    ratio: apart("wall"),
    cpuRatio: apart("cpu"),
    judgedBy: clock,
    limit,
    ok: apart(clock)! <= limit,
  };
}
