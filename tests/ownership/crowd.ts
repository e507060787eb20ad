// People and syncs on connections of their own, each with a fixed number of transactions, all at the same rows at once.

import assert from "node:assert/strict";
import postgres from "postgres";
import { type Actor, ownershipWorld, type World } from "../fixtures/ownership.ts";

export type Isolation = "read committed" | "repeatable read";

/** What people had committed when everybody was done, and what became of it. */
export interface Aftermath extends Tally {
  edits: number;
  lost: string[];
  /** Cells of which ownership.verify says that another value stands there than is claimed. */
  astray: number;
  kept: number;
  syncs: number;
}

interface Tally {
  deadlocks: number;
  conflicts: number;
  /** Whole transactions that ended with a NULL that a column cannot hold. */
  refused: number;
}

interface Edit {
  notes: string | null;
  location: string;
  tags: Set<string>;
}

const keys = Array.from({ length: 8 }, (_, place) => `ins_${place}`);
const people = 2;
const editsOfEach = 40;
const syncsOfEach = 16;
const syncRoles = ["gazelle_sync", "gazelle_sync", "service_role"];
/** More than a client would try; what does not come to an end is an error of its own. */
const mostAttempts = 500;

export async function crowd(table: string, isolation: Isolation): Promise<Aftermath> {
  await using world = await ownershipWorld();
  await world.asSuperuser("insert into losses.clients values ('cli_1')");
  const [database] = await world.asSuperuser("select quote_ident(current_database()) as name");
  // Deadlocks are what this provokes: finding one must not take the second it takes by default.
  await world.asSuperuser(`alter database ${database?.name} set deadlock_timeout = '20ms'`);
  await world.asSync(`insert into ${table} (external_id, notes, tags)
    select k, 'from Gazelle', '{gazelle}' from unnest('{${keys}}'::text[]) k`);
  const tally: Tally = { deadlocks: 0, conflicts: 0, refused: 0 };
  const edits = new Map<string, Edit>();
  await Promise.all([
    ...Array.from({ length: people }, (_, person) => edit(world, table, isolation, person, edits, tally)),
    ...syncRoles.map((role, place) => sync(world, table, isolation, role, place, tally)),
  ]);
  const [figures] = await world.asSuperuser(`
    select (select count(*)::integer from ownership.verify()) as astray,
      (select coalesce(sum(times), 0)::integer from ownership.blocked_writes) as kept`);
  return {
    ...tally,
    edits: people * editsOfEach,
    syncs: syncRoles.length * syncsOfEach,
    lost: await lostOf(world, table, edits),
    astray: figures?.astray,
    kept: figures?.kept,
  };
}

/** Two rows a transaction, in changing order. Nobody else edits this person's rows: the last edit is known. */
async function edit(
  { session }: World,
  table: string,
  isolation: Isolation,
  person: number,
  edits: Map<string, Edit>,
  tally: Tally,
): Promise<void> {
  const actor = await session("manual_editor");
  const own = keys.filter((_, place) => place % people === person);
  for (let turn = 0; turn < editsOfEach; turn++) {
    const pair = [own[turn % own.length]!, own[(turn * 3 + 1) % own.length]!];
    const made = new Map<string, Edit>();
    for (const key of new Set(pair)) {
      made.set(key, {
        notes: turn % 5 === 4 ? null : `person ${person}, turn ${turn}`,
        location: `Studio ${turn}`,
        tags: new Set(edits.get(key)?.tags).add(`tag ${turn}`),
      });
    }
    const statements = [...made].map(([key, { notes, location }]) => `
      insert into ${table} as t (external_id, notes, location, tags)
      values ('${key}', ${notes === null ? "null" : `'${notes}'`}, '${location}', '{tag ${turn}}')
      on conflict (external_id) do update
      set notes = excluded.notes, location = excluded.location, tags = t.tags || excluded.tags`);
    await transaction(actor, isolation, statements, tally);
    for (const [key, values] of made) edits.set(key, values);
  }
}

/** Everything a sync does to rows, over all of them: blanks, what it read a turn ago, delete and insert. */
async function sync(
  { session }: World,
  table: string,
  isolation: Isolation,
  role: string,
  place: number,
  tally: Tally,
): Promise<void> {
  const actor = await session(role);
  const send = (rows: string) => `
    insert into ${table} (external_id, status, notes, location, tags) ${rows}
    on conflict (external_id) do update set status = excluded.status, notes = excluded.notes,
      location = excluded.location, tags = excluded.tags`;
  const order = place % 2 === 0 ? "order by k" : "order by k desc";
  const all = (values: string) => `select k, ${values} from unnest('{${keys}}'::text[]) k ${order}`;
  for (let turn = 0, stale = all(`'SEEN', '', '', '{}'::text[]`); turn < syncsOfEach; turn++) {
    const ways = [
      [send(all(`'NULLS', null, null, null::text[]`))],
      [send(all(`'BLANKS', '', ' ', '{}'::text[]`))],
      [send(all(`'NEWS', 'from ${role}', 'Salle ${turn}', '{${role},"turn ${turn}"}'::text[]`))],
      [send(stale)],
      [`update ${table} set status = 'EMPTIED', notes = null, tags = '{}'`],
      [`delete from ${table}`, send(all(`'AGAIN', 'from ${role}', 'Salle A', '{${role}}'::text[]`))],
    ];
    await transaction(actor, isolation, ways[(turn + place) % ways.length]!, tally);
    stale = staleRows(await actor(`select external_id, notes, location, tags::text from ${table}`)) ?? stale;
  }
}

function staleRows(rows: postgres.Row[]): string | null {
  const text = (value: string | null) => value === null ? "null" : `'${value.replaceAll("'", "''")}'`;
  const values = rows.map((row) =>
    `('${row.external_id}', 'STALE', ${text(row.notes)}, ${text(row.location)}, ${text(row.tags)}::text[])`
  );
  return values.length === 0 ? null : `values ${values.join(", ")}`;
}

/** Again from the start after a deadlock or a serialization failure, as a client has to. */
async function transaction(actor: Actor, isolation: Isolation, statements: string[], tally: Tally) {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    try {
      await actor(`begin isolation level ${isolation}`);
      for (const statement of statements) await actor(statement);
      await actor("commit");
      return;
    } catch (error) {
      await actor("rollback");
      if (!(error instanceof postgres.PostgresError)) throw error;
      if (error.code === "23502") {
        tally.refused++;
        return;
      }
      if (error.code === "40P01") tally.deadlocks++;
      else if (error.code === "40001") tally.conflicts++;
      else throw error;
    }
  }
  assert.fail(`no success after ${mostAttempts} attempts: ${statements.join("; ")}`);
}

async function lostOf({ asSuperuser }: World, table: string, edits: Map<string, Edit>): Promise<string[]> {
  const rows = new Map(
    (await asSuperuser(`select external_id, notes, location, tags from ${table}`)).map((row) => [
      row.external_id as string,
      row,
    ]),
  );
  return [...edits].flatMap(([key, { notes, location, tags }]) => {
    const row = rows.get(key);
    if (row === undefined) return [`${key} is gone`];
    return [
      ...(row.notes === notes ? [] : [`notes of ${key}: ${row.notes} in place of ${notes}`]),
      ...(row.location === location ? [] : [`location of ${key}: ${row.location} in place of ${location}`]),
      ...[...tags].filter((tag) => !row.tags?.includes(tag)).map((tag) => `${tag} of ${key}`),
    ];
  });
}
