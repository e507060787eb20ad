// The made-up table in the database: its definition, its statements, and what is to be seen of it afterwards.

import type { Column, Row } from "./state.ts";
import type { Shape } from "./operations.ts";
import { isSetType, kinds, type Value } from "./values.ts";

const keyColumns: Record<Shape["key"], [name: string, type: string][]> = {
  text: [["k", "text"]],
  bigint: [["k", "bigint"]],
  uuid: [["k", "uuid"]],
  composite: [["region", "text"], ["n", "integer"]],
  partitions: [["region", "text"], ["n", "integer"]],
};

export interface Table {
  name: string;
  shape: Shape;
}

/** The parts of the key with this number. In the tables of two columns every other row is of the other region. */
export function keyParts({ shape }: Table, key: number): string[] {
  if (shape.key === "text") return [`ins "${key}"`];
  if (shape.key === "bigint") return [String(key)];
  if (shape.key === "uuid") return [`0b7e9f6e-8d4c-4d0a-9d2c-${String(key).padStart(12, "0")}`];
  return [key % 2 === 0 ? "est" : "l'ouest", String(key)];
}

/** The key as the engine names it. */
export function keyText(table: Table, key: number): string {
  const [first, second] = keyParts(table, key);
  return second === undefined ? first! : `[${JSON.stringify(first)}, ${JSON.stringify(second)}]`;
}

export function create(table: Table, rows: Map<number, Row>): string {
  const { name, shape } = table;
  const keys = keyColumns[shape.key];
  const columns = [
    ...keys.map(([column, type]) => `${column} ${type} not null`),
    ...shape.columns.map((column) =>
      [
        column.name,
        column.type,
        column.default === null ? "" : `default ${literal(column.default, column.type)}`,
        column.notNull ? "not null" : "",
      ].join(" ")
    ),
    `primary key (${keys.map(([column]) => column).join(", ")})`,
  ];
  return [
    `create table ${name} (${columns.join(", ")}) ${
      shape.key === "partitions" ? "partition by list (region)" : ""
    }`,
    ...(shape.key === "partitions"
      ? [
        `create table ${name}_est partition of ${name} for values in ('est')`,
        `create table ${name}_rest partition of ${name} default`,
      ]
      : []),
    ...(rows.size > 0 ? [insert(table, shape.columns, rows)] : []),
    `grant all on ${name} to public`,
    ...shape.columns.filter(({ mode }) => mode !== null).map((column) => protect(table, column)),
  ].join(";\n");
}

export function protect(table: Table, column: Column): string {
  return `select ownership.protect('${table.name}', '${column.name}', '${column.mode}',
    blank_values => ${quote(`{${column.blankValues.join(",")}}`)}, on_conflict => '${column.onConflict}',
    empty_is_opinion => ${column.emptyIsOpinion})`;
}

export function drop({ name, shape }: Table): string {
  const columns = shape.columns.filter(({ mode }) => mode !== null);
  return [
    ...columns.map((column) => `select ownership.unprotect('${name}', '${column.name}')`),
    `drop table ${name}`,
  ].join("; ");
}

export function update(table: Table, columns: Column[], rows: Map<number, Row>, newKey?: number): string {
  const names = keyColumns[table.shape.key].map(([name]) => name);
  const keys = newKey === undefined
    ? []
    : names.map((name, place) => `${name} = ${keyLiterals(table, newKey)[place]}`);
  if (rows.size === 1) {
    const [[key, row]] = [...rows] as [[number, Row]];
    const values = columns.map(({ name, type }) => `${name} = ${literal(row[name]!, type)}`);
    return `update ${table.name} set ${[...keys, ...values].join(", ")} where (${names}) = (${
      keyLiterals(table, key)
    })`;
  }
  return `update ${table.name} t set ${columns.map(({ name }) => `${name} = s.${name}`).join(", ")}
    from ${source(table, columns, rows)} where ${matches(table)}`;
}

export function insert(table: Table, columns: Column[], rows: Map<number, Row>): string {
  return `insert into ${table.name} (${columnNames(table, columns)}) values ${values(table, columns, rows)}`;
}

export function upsert(table: Table, columns: Column[], rows: Map<number, Row>): string {
  const names = keyColumns[table.shape.key].map(([name]) => name);
  const sets = columns.map(({ name }) => `${name} = excluded.${name}`);
  return `${insert(table, columns, rows)} on conflict (${names}) do ${
    sets.length > 0 ? `update set ${sets}` : "nothing"
  }`;
}

export function merge(table: Table, columns: Column[], rows: Map<number, Row>, rest = ""): string {
  const sets = columns.map(({ name }) => `${name} = s.${name}`);
  const inserted = columnNames(table, columns);
  return `merge into ${table.name} t using ${source(table, columns, rows)} on ${matches(table)}
    when matched then ${sets.length > 0 ? `update set ${sets}` : "do nothing"}
    when not matched then insert (${inserted}) values (${inserted.map((name) => `s.${name}`)}) ${rest}`;
}

export function remove(table: Table, keys: number[]): string {
  const names = keyColumns[table.shape.key].map(([name]) => name);
  const wanted = keys.map((key) => `(${keyLiterals(table, key)})`);
  return `delete from ${table.name} where ${wanted.length > 0 ? `(${names}) in (${wanted})` : "false"}`;
}

/** Deletes and inserts the same keys in one statement. */
export function replaceAtOnce(table: Table, columns: Column[], rows: Map<number, Row>): string {
  return `with gone as (${
    remove(table, [...rows.keys()])
  } returning 1), counted as (select count(*) from gone)
    insert into ${table.name} (${columnNames(table, columns)})
    select s.* from counted, ${source(table, columns, rows)}`;
}

export const copy = (table: Table, columns: Column[]): string =>
  `copy ${table.name} (${columnNames(table, columns)}) from stdin`;

export function copyLines(table: Table, columns: Column[], rows: Map<number, Row>): string[] {
  const line = (text: string | null) =>
    text === null ? "\\N" : text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t");
  return [...rows].map(([key, row]) =>
    [...keyParts(table, key), ...columns.map(({ name }) => textOf(row[name]!))].map(line).join("\t")
  );
}

/** Everything that is to be seen of a table, as one JSON object. */
export function look(table: Table): string {
  const parts = keyColumns[table.shape.key].map(([name]) => `r.${name}::text`);
  const cells = table.shape.columns.map(({ name, type }) =>
    `'${name}', r.${name}::${isSetType(type) ? "text[]" : "text"}`
  );
  return `select jsonb_build_object(
    'rows', (select jsonb_agg(jsonb_build_object('key', array[${parts}], 'row', jsonb_build_object(${cells})))
      from ${table.name} r),
    'claims', (select jsonb_agg(to_jsonb(c) || jsonb_build_object('unset', c.value is null))
      from ownership.claims c where c.tbl = '${table.name}'::regclass),
    'blocked', (select jsonb_object_agg(b.col, b.times) from (
      select col, sum(times) as times
      from ownership.blocked_writes where tbl = '${table.name}'::regclass group by 1) b)) as seen`;
}

/** Relative draws come first: add or take away one element of the set that stands there. */
export function valueOf(column: Column, draw: number, standing: Value): Value {
  const pool = kinds.find(({ type }) => type === column.type)!.pool;
  if (draw < 20 || !isSetType(column.type) || typeof standing === "string") return pool[draw % pool.length]!;
  const elements = [...new Set(pool.flatMap((value) => value ?? []))].filter((element) => element?.trim());
  const element = elements[draw % elements.length]!;
  return draw < 30
    ? [...(standing ?? []), element]
    : (standing ?? []).filter((standing) => standing !== element);
}

const columnNames = ({ shape }: Table, columns: Column[]): string[] => [
  ...keyColumns[shape.key].map(([name]) => name),
  ...columns.map(({ name }) => name),
];

function values(table: Table, columns: Column[], rows: Map<number, Row>): string {
  return [...rows].map(([key, row]) =>
    `(${[...keyLiterals(table, key), ...columns.map(({ name, type }) => literal(row[name]!, type))]})`
  ).join(", ");
}

function source(table: Table, columns: Column[], rows: Map<number, Row>): string {
  return `(values ${values(table, columns, rows)}) s (${columnNames(table, columns)})`;
}

const matches = ({ shape }: Table): string =>
  keyColumns[shape.key].map(([name]) => `t.${name} = s.${name}`).join(" and ");

const keyLiterals = (table: Table, key: number): string[] =>
  keyParts(table, key).map((part, place) => `${quote(part)}::${keyColumns[table.shape.key][place]![1]}`);

const literal = (value: Value, type: string): string =>
  value === null ? `null::${type}` : `${quote(textOf(value)!)}::${type}`;

function textOf(value: Value): string | null {
  if (value === null || typeof value === "string") return value;
  return `{${value.map((element) => element === null ? "NULL" : JSON.stringify(element)).join(",")}}`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
