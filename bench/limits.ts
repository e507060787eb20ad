// Two promises that are not ratios: how long a restore takes, and that repetition leaves nothing behind.

import type { Clock } from "./cost.ts";
import type { BenchServer, Prepare } from "./database.ts";
import type { Measure } from "./measure.ts";
import { whole } from "./report.ts";
import { changed, claimLocations, guards, upsert } from "./statements.ts";

/** Milliseconds a cell: 10 s for 100,000 cells. */
const restoreLimit = 0.1;

/** Brings claimed cells back after they were emptied past all triggers. */
export async function restoring(server: BenchServer, cells: number, clock: Clock): Promise<Measure> {
  await using database = await server.copy(await server.template("restore", claimedRows(cells)));
  const { person } = database;
  const [mark] = await person`select ownership.mark('before the loss') as id`;
  await person.unsafe(`
    alter table bench.pianos disable trigger all;
    update bench.pianos set location = '';
    alter table bench.pianos enable trigger all`).simple();
  const start = clock();
  await person.unsafe(`select count(*) from ownership.restore(${mark?.id}, dry_run => false)`);
  const wall = clock() - start;
  const [left] = await person`select count(*)::integer as lost from bench.pianos where location = ''`;
  const limit = restoreLimit * cells;
  return {
    ...noRatio,
    name: `restore of ${whole(cells)} cells`,
    rows: cells,
    unit: "ms",
    guarded: wall,
    limit,
    ok: wall <= limit && left?.lost === 0,
  };
}

const noRatio = { rounds: 1, unguarded: null, ratio: null, cpuRatio: null, judgedBy: "wall" } as const;

function claimedRows(rows: number): Prepare {
  return async (person, sync) => {
    await guards["guarded"]!(person, sync);
    await person`select bench.fill(${rows})`;
    await sync.unsafe(upsert()());
    await claimLocations(person);
  };
}

const fewRows = 10;

/** The same sync again and again, each blanking claimed values: after the first, no blocked write is new. */
export async function identicalSyncs(server: BenchServer, syncs: number): Promise<Measure> {
  await using database = await server.copy(await server.template("identical", claimedRows(fewRows)));
  const { person, sync } = database;
  const statement = upsert({ ...changed, location: "''" })();
  const count = async () => {
    const [row] = await person`select count(*)::integer as rows from ownership.blocked_writes`;
    return row?.rows as number;
  };
  await sync.unsafe(statement);
  const first = await count();
  for (let again = 1; again < syncs; again++) await sync.unsafe(statement);
  const added = await count() - first;
  return {
    ...noRatio,
    name: `blocked writes that ${whole(syncs)} identical syncs add after the first`,
    rows: fewRows,
    unit: "rows",
    guarded: added,
    limit: 0,
    ok: added === 0 && first === fewRows,
  };
}
