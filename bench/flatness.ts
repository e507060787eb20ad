// Whether a row costs the same in a large table as in a small one, with none, few and half of the rows claimed.

import { type Clock, inTurn, workOf } from "./cost.ts";
import type { BenchServer, Prepare } from "./database.ts";
import { clockFor, type Cost, type Measure, median, ratioOf, type Rounds } from "./measure.ts";
import { whole } from "./report.ts";
import { changed, guards, upsert } from "./statements.ts";

export interface Size {
  /** Rows of the table. */
  rows: number;
  /** How often it is measured. In a small table the clock's own error shows, and more rounds even it out. */
  rounds: number;
}

const shares = { "no row claimed": 0, "1 % claimed": 0.01, "50 % claimed": 0.5 };
const limit = 1.3;

/**
 * Every row brings a new value to a protected column. Judged is how far apart the ratios to the unguarded twin are
 * over the sizes, so that what any large table costs (caches, deeper indexes, checkpoints) does not count.
 */
export async function* flatness(
  server: BenchServer,
  { sizes, rowsAtOnce }: { sizes: Size[]; rowsAtOnce?: number },
  clock: Clock,
): AsyncGenerator<Measure> {
  const found: Rounds[] = [];
  for (const size of sizes) found.push(await roundsAt(server, size, rowsAtOnce, clock));
  for (const share of Object.keys(shares)) yield judge(share, sizes, rowsAtOnce, found);
}

/** Costs in a table of this size, by share of claimed rows; and in the unguarded twin. */
async function roundsAt(
  server: BenchServer,
  { rows, rounds }: Size,
  rowsAtOnce: number | undefined,
  clock: Clock,
): Promise<Rounds> {
  const templates = {
    unguarded: { name: await server.template(`flat_${rows}`, loaded(rows, rows)), rounds },
  };
  for (const [share, part] of Object.entries(shares)) {
    const name = `flat_${rows}_claimed_${part * 100}`;
    const template = await server.template(name, claimed(rows, Math.round(rows * part)));
    Object.assign(templates, { [share]: { name: template, rounds } });
  }
  const statement = upsert({ ...changed, location: "location || ', nouveau'" });
  const costs = await inTurn(server, templates, workOf(statement, rows, rowsAtOnce), clock);
  for (const { name } of Object.values(templates)) await server.drop(name);
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

function judge(share: string, sizes: Size[], rowsAtOnce: number | undefined, found: Rounds[]): Measure {
  const pairs = found.map((rounds): [Cost[], Cost[]] => [rounds[share]!, rounds["unguarded"]!]);
  const apart = (clock: keyof Cost) => {
    const ratios = pairs.map(([costs, base]) => ratioOf(costs, base, clock));
    const known = ratios.filter((ratio) => ratio !== null);
    return known.length < ratios.length ? null : Math.max(...known) / Math.min(...known);
  };
  const clock = clockFor(pairs);
  const [guarded, unguarded] = pairs.at(-1)!;
  const [smallest, largest] = [sizes[0]!.rows, sizes.at(-1)!.rows];
  const perRow = (costs: Cost[]) => median(costs.map(({ wall }) => wall)) * 1000 / (rowsAtOnce ?? largest);
  return {
    name: `cost per row, ${whole(smallest)} to ${whole(largest)} rows, ${share}`,
    rows: largest,
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
