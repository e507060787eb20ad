// The names that the migrations take in a database, from its catalogue: an application may have taken them before, so the
// survey asks for each of them before anything is changed.

export const namesPath = "schemas/gazelle/names.sql";

interface Taken {
  kind: string;
  /** The table of a trigger, a policy or an index; of a schema the digest of its comment, by which ours is known. */
  of: string | null;
  name: string;
}

/** The schema file that lists them: `npm run migrations` writes it, `npm run check` compares it. */
export function namesFile(catalogue: string[]): string {
  const taken = namesIn(catalogue);
  const groups = Map.groupBy(
    taken,
    ({ kind, of }) => `${quoted(kind)}, ${of === null ? "null" : quoted(of)}`,
  );
  const rows = [...groups].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([head, names]) => `    (${head}, ${array(names.map(({ name }) => name), head.length)})`);
  return `-- migration: gazelle_survey

-- The names that the migrations take. \`npm run migrations\` writes this file from supabase/catalogue.txt.

create or replace function gazelle.taken_names()
returns table (kind text, of text, name name)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select t.kind, t.of, unnest(t.names::name[])
  from (values
${rows.join(",\n")}
  ) t (kind, of, names)
$$;
comment on function gazelle.taken_names() is
  'Every name that the migrations take: schemas (of: the digest of their comment), relations, functions and indexes in
   public, triggers and policies on existing tables (of: the table), event triggers, jobs of pg_cron.';

revoke execute on function gazelle.taken_names from public;
`;
}

/** Names that Postgres or a function of ours chooses, where the usual one is taken, are nobody's obstacle. */
function namesIn(catalogue: string[]): Taken[] {
  const tables = new Set(matches(catalogue, /^table gazelle\.(gazelle_\w+)/).map(([, table]) => table));
  const constraints = new Set(
    matches(catalogue, /^constraint public\.\w+ (\w+) (?:PRIMARY KEY|UNIQUE)/).map(([, name]) => name),
  );
  const isOurs = ([, name, of]: RegExpExecArray) => tables.has(of) && !name!.startsWith("~~ownership");
  const all: Taken[] = [
    ...matches(catalogue, /^comment on schema (\w+): (\w+)$/).map(([, name, of]) => ({
      kind: "schema",
      name,
      of,
    })),
    ...matches(catalogue, /^(?:table|view|type|domain) public\.(\w+)/).map(([, name]) => ({
      kind: "relation",
      name,
    })),
    ...matches(catalogue, /^function public\.(\w+)/).map(([, name]) => ({ kind: "function", name })),
    ...matches(catalogue, /^index CREATE (?:UNIQUE )?INDEX (\w+) ON public\.(\w+)/)
      .filter(([, name]) => !constraints.has(name!) && !name!.endsWith("_external_id_key"))
      .map(([, name, of]) => ({ kind: "index", name, of })),
    ...matches(catalogue, /^trigger \w CREATE TRIGGER "?([\w~]+)"? .*? ON public\.(\w+)/)
      .filter(isOurs).map(([, name, of]) => ({ kind: "trigger", name, of })),
    ...matches(catalogue, /^policy public\.(\w+) (\w+)/)
      .filter(([, of]) => tables.has(of)).map(([, of, name]) => ({ kind: "policy", name, of })),
    ...matches(catalogue, /^event trigger (\w+)/).map(([, name]) => ({ kind: "event trigger", name })),
    // sync.align_cron names a job of pg_cron so.
    ...matches(catalogue, /^row of sync\.jobs \{"job": "([^"]+)"/).map(([, job]) => ({
      kind: "job",
      name: `sync ${job}`,
    })),
  ].map(({ of = null, ...taken }: { kind: string; name?: string; of?: string | null }) => ({
    ...taken,
    of,
    name: taken.name!,
  }));
  const keyOf = ({ kind, of, name }: Taken) => `${kind} ${of} ${name}`;
  return [...new Map(all.map((taken) => [keyOf(taken), taken])).values()];
}

function matches(lines: string[], pattern: RegExp): RegExpExecArray[] {
  return lines.map((line) => pattern.exec(line)).filter((found) => found !== null);
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** An array of names, over several lines where one would be too wide beside what stands before it. */
function array(names: string[], before: number): string {
  const words = names.sort().map((name) => /^\w+$/.test(name) ? name : `"${name}"`);
  if (before + words.join().length < 100) return `'{${words.join()}}'`;
  const lines = [""];
  for (const word of words) {
    if (`${lines.at(-1)}${word}`.length > 100) lines.push("");
    lines[lines.length - 1] += `${word},`;
  }
  return `'{\n      ${lines.join("\n      ").replace(/,$/, "")}\n    }'`;
}
