// What a measure is, and how rounds of the same work become one ratio.

/** One statement's cost. */
export interface Cost {
  /** Milliseconds from sending the statement to its answer, waits and commit among them. */
  wall: number;
  /** Milliseconds of processor time of the server process; null where the system does not tell. */
  cpu: number | null;
}

/** Costs of the same work in several variants, in turn; entries of the same place belong together. */
export type Rounds = Record<string, Cost[]>;

export interface Measure {
  name: string;
  /** Rows of the table; the largest where there are several. */
  rows: number;
  /** How many pairs of costs are compared in the largest table. */
  rounds: number;
  unit: "ms" | "µs/row" | "rows";
  guarded: number;
  unguarded: number | null;
  /** By wall clock; null for what is no ratio. */
  ratio: number | null;
  /** By processor time, which other programs disturb less. */
  cpuRatio: number | null;
  judgedBy: keyof Cost;
  limit: number;
  ok: boolean;
  /** The ratios of other ways to guard a table, by the same clock. */
  peers?: Record<string, number>;
}

/** Compares the variants `guarded` and `unguarded`; what else was measured stands beside them as peers. */
export function compare(name: string, rows: number, rounds: Rounds, limit: number): Measure {
  const { guarded = [], unguarded = [], ...others } = rounds;
  const clock = clockFor([[guarded, unguarded]]);
  const ratios = { wall: ratioOf(guarded, unguarded, "wall"), cpu: ratioOf(guarded, unguarded, "cpu") };
  return {
    name,
    rows,
    rounds: guarded.length,
    unit: "ms",
    guarded: median(guarded.map(({ wall }) => wall)),
    unguarded: median(unguarded.map(({ wall }) => wall)),
    ratio: ratios.wall,
    cpuRatio: ratios.cpu,
    judgedBy: clock,
    limit,
    ok: ratios[clock]! <= limit,
    peers: Object.fromEntries(
      Object.entries(others).map(([peer, costs]) => [peer, ratioOf(costs, unguarded, clock)!]),
    ),
  };
}

/** Beyond this spread of the rounds' ratios, other programs decide about the wall clock. */
const steady = 0.1;

/** The wall clock, unless the rounds of a pair disagree and the system tells processor time. */
export function clockFor(pairs: [Cost[], Cost[]][]): keyof Cost {
  const restless = pairs.some(([costs, base]) => spread(ratios(costs, base, "wall")) > steady);
  const told = pairs.every(([costs, base]) => ratioOf(costs, base, "cpu") !== null);
  return restless && told ? "cpu" : "wall";
}

/** The median of the ratios round by round: what disturbs the machine disturbs both of a pair. */
export function ratioOf(costs: Cost[], base: Cost[], clock: keyof Cost): number | null {
  const known = ratios(costs, base, clock);
  return known.length === 0 ? null : median(known);
}

function ratios(costs: Cost[], base: Cost[], clock: keyof Cost): number[] {
  return costs.flatMap((cost, round) => {
    const [above, below] = [cost[clock], base[round]?.[clock] ?? null];
    return above === null || below === null ? [] : [above / below];
  });
}

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** The middle half's width, as a part of the median. */
function spread(values: number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
}

function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}
