// `npm run bench -- growth`: what the engine's questions cost after years, when its records have millions of rows.

import type postgres from "postgres";
import { table } from "../cli/table.ts";
import type { BenchDatabase, BenchServer } from "./database.ts";
import { median } from "./measure.ts";
import { outcome, tell, whole } from "./report.ts";
import { editsOfSets, type Growth } from "./growth-of-sets.ts";
import { guards, upsert } from "./statements.ts";

export interface GrowthOptions {
  json?: true;
  quick?: true;
}

/** Rows of a grown database. Each piano has one claimed cell; history and values that were kept out are spread over them. */
interface Age {
  claims: number;
  history: number;
  blocked: number;
}

const young: Age = { claims: 10_000, history: 100_000, blocked: 100_000 };
const old: Age = { claims: 1_000_000, history: 10_000_000, blocked: 10_000_000 };
const quicklyOld: Age = { claims: 50_000, history: 500_000, blocked: 500_000 };

/** Edits of people since yesterday's mark. */
const editsOfADay = 1_000;
const rounds = 5;
/** How many times as long a question about a few rows may take when the records are a hundred times as large. */
const flatLimit = 1.5;

interface Question {
  name: string;
  /** Milliseconds. */
  limit: number;
  /** About a few rows: must take as long however large the records are. */
  aboutFew: boolean;
  ask(sql: postgres.TransactionSql, known: Known): Promise<unknown>;
}

interface Known {
  /** The mark of yesterday. */
  mark: number;
  /** The piano of one client that was edited since. */
  key: string;
}

const location = "to_jsonb(location)";

const questions: Question[] = [
  {
    name: "who owns a cell, and what was kept out (explain)",
    limit: 50,
    aboutFew: true,
    ask: (sql, { key }) => sql`select * from ownership.explain('bench.pianos', ${key}, 'location')`,
  },
  {
    name: "a sync's look at 1,000 keys (known_answers, foresee)",
    limit: 100,
    aboutFew: true,
    ask: (sql) =>
      sql.unsafe(`
        with looked as (
          select array_agg(external_id) as keys, array_agg(${location}) as stands, array_agg(to_jsonb('other'::text)) as sent
          from (select external_id, location from bench.pianos order by external_id limit 1000) p
        )
        select
          (select count(*) from ownership.foresee(
            'bench.pianos', l.keys, array_fill('location'::name, array[1000]), l.stands, l.sent, 'etiquette_bench_sync')),
          (select count(*) from ownership.known_answers('bench.pianos', l.keys, 'etiquette_bench_sync'))
        from looked l`),
  },
  {
    name: "restore of one client",
    limit: 5_000,
    aboutFew: true,
    ask: (sql, { mark, key }) =>
      sql`select * from ownership.restore(${mark}, dry_run => false, keys => ${[key]}, people_too => true)`,
  },
  {
    name: "what people changed in a day (diff)",
    limit: 5_000,
    aboutFew: false,
    ask: (sql, { mark }) => sql`select count(*) from ownership.diff(${mark})`,
  },
  {
    name: "health",
    limit: 5_000,
    aboutFew: false,
    ask: (sql) => sql`select count(*) from ownership.health()`,
  },
  {
    name: "verify",
    limit: 5_000,
    aboutFew: false,
    ask: (sql) => sql`select count(*) from ownership.verify()`,
  },
];

/** Measures and prints. @returns whether every limit is kept */
export async function benchGrowth(server: BenchServer, { json, quick }: GrowthOptions): Promise<boolean> {
  const ages = { young, old: quick ? quicklyOld : old };
  const times: Record<keyof typeof ages, number[]> = { young: [], old: [] };
  for (const [age, rows] of Object.entries(ages) as [keyof typeof ages, Age][]) {
    console.error(
      `     making ${whole(rows.history)} entries of history, ${whole(rows.claims)} claims, ${
        whole(rows.blocked)
      } values kept out`,
    );
    const template = await server.template(`growth_${age}`, (person, sync) => grow(person, sync, rows));
    await using database = await server.copy(template);
    const known = await liveADay(database);
    for (const question of questions) times[age].push(await timeOf(database.person, question, known));
    await server.drop(template);
  }
  const found = questions.map((question, place) => judge(question, times.young[place]!, times.old[place]!));
  found.push(await editsOfSets(server));
  for (const growth of found) tell(growth, json);
  if (!json) {
    console.log(
      `\nPostgres ${server.version}; ${described(ages.young)}, then ${described(ages.old)}\n${
        asTable(found)
      }`,
    );
  }
  return found.every(({ ok }) => ok);
}

const described = ({ claims, history, blocked }: Age) =>
  `${whole(history)} entries of history, ${whole(claims)} claims, ${whole(blocked)} values kept out`;

function judge({ name, limit, aboutFew }: Question, young: number, old: number): Growth {
  // Below a millisecond, a clock that is shared with others says nothing about flatness.
  const flatness = aboutFew ? Math.max(old, 1) / Math.max(young, 1) : null;
  return {
    name,
    unit: "ms",
    young,
    old,
    limit,
    flatness,
    ok: old <= limit && (flatness === null || flatness <= flatLimit),
  };
}

/** The records of years, written past the engine: older entries first, then what the claims of today rest on. */
async function grow(
  person: postgres.Sql,
  sync: postgres.Sql,
  { claims, history, blocked }: Age,
): Promise<void> {
  await guards["guarded"]!(person, sync);
  await person`select bench.fill(${claims})`;
  await sync.unsafe(upsert()());
  const earlier = history / claims - 1;
  await person`
    insert into ownership_private.history (at, tbl, col, key, event, writer, role, old_value, new_value)
    select
      now() - interval '399 days' + interval '390 days' * (turn / ${earlier}::float8), t.name, 'location', p.external_id,
      'claimed', 'postgres', 'postgres', to_jsonb('Salle ' || turn - 1), to_jsonb('Salle ' || turn)
    from generate_series(1, ${earlier}::integer) turn
    cross join bench.pianos p
    cross join ownership_private.protected_tables t`;
  await person`
    insert into ownership_private.marks (label, history_id, writer, at)
    select 'run ' || n, (select max(h.id) from ownership_private.history h) * n / 400, 'etiquette_bench_sync',
      now() - interval '1 day' * (400 - n)
    from generate_series(1, 399) n`;
  await person`select ownership.adopt('bench.pianos', 'location')`;
  await person`
    insert into ownership_private.blocked_writes (policy_id, key, offered, kept, writer, first_at, last_at)
    select p.id, r.external_id, to_jsonb('Studio ' || turn), to_jsonb(r.location), 'etiquette_bench_sync',
      now() - interval '80 days', now() - interval '1 day' * turn
    from generate_series(1, ${blocked / claims}::integer) turn
    cross join bench.pianos r
    join ownership_private.policies p on p.col = 'location'`;
}

/** Yesterday's mark, and what people wrote since: those who edit, through the guards. */
async function liveADay({ person, sync }: BenchDatabase): Promise<Known> {
  const [mark] = await person`select ownership.mark('yesterday') as id`;
  await person`
    update bench.pianos set location = location || ', armoire'
    where external_id in (select external_id from bench.incoming where n % 7 = 0 order by n limit ${editsOfADay})`;
  await sync.unsafe(upsert({ location: "''" })("n <= 1000"));
  const [row] = await person`select external_id as key from bench.incoming where n = 7`;
  return { mark: Number(mark?.id), key: row?.key };
}

/** The median of some rounds, each rolled back, after one that reads what it needs into memory. */
async function timeOf(sql: postgres.Sql, { ask }: Question, known: Known): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    await sql.begin(async (transaction) => {
      const start = performance.now();
      await ask(transaction, known);
      if (round > 0) times.push(performance.now() - start);
      throw rolledBack;
    }).catch((error) => {
      if (error !== rolledBack) throw error;
    });
  }
  return median(times);
}

const rolledBack = Symbol("rolled back");

function asTable(found: Growth[]): string {
  const rows = found.map(({ name, unit, young, old, limit, flatness, ok }) => [
    name,
    `${young.toFixed(1)} ${unit}`,
    `${old.toFixed(1)} ${unit}`,
    `${whole(limit)} ${unit}`,
    flatness === null ? "" : flatness.toFixed(2),
    outcome(ok),
  ]);
  return table(["What is asked or done", "Young", "Old", "Limit", `Old/young, up to ${flatLimit}`, ""], rows);
}
