// From what a source answered to what is staged, by the three states of a field: present (also when null or
// empty), absent, unknown. A record carries the columns that are present; nothing else is ever filled in.

import { z } from "zod";
import { storable } from "../problem.ts";
import type { Names } from "./names.ts";
import type { FieldError } from "./page.ts";

/** A column's value from a node: undefined is "no opinion". */
export type Column = (node: Record<string, unknown>) => unknown;

export type Shape = {
  node: z.ZodType<Record<string, unknown>>;
  columns: Record<string, Column>;
};

/** The shape of a source's records. */
export type Mapped = Shape & { source: Names };

export type StagedRecord = { external_id: string; [column: string]: unknown };

/** The payload is JSON text: jsonb could not hold all of what is rejected. */
export type RejectedRecord = { external_id: string | null; path: string; reason: string; payload: string };

export type Read = { records: StagedRecord[]; rejected: RejectedRecord[]; unknownFields: number };

/** Text that Postgres can store. */
export const text = z.string().refine((value) => value.isWellFormed() && !value.includes("\0"), {
  error: "holds a NUL or an unpaired surrogate, which Postgres cannot store",
});

/** A moment in time. */
export const moment = z.iso.datetime({ offset: true }).refine((value) => !Number.isNaN(Date.parse(value)), {
  error: "is no moment in time",
});

/** A field that may be null, and may be missing. */
export function field<T extends z.ZodType>(type: T) {
  return type.nullable().optional();
}

/** The fields of a record schema: all that the query selects, each of a type that fits the answer's. */
export type Fields<Node> = { [Key in keyof Node]-?: z.ZodType<unknown, Sent<Node[Key]> | null | undefined> };

/** As it may come: any key missing, anything null. */
type Sent<T> = T extends Scalar ? T
  : T extends readonly (infer Element)[] ? Sent<Element>[]
  : { [Key in keyof T]?: Sent<T[Key]> | null };

type Scalar = string | number | boolean | null | undefined;

/** A place in a record: `client.id`. */
export type Path<T> = T extends Scalar | readonly unknown[] ? never
  : { [Key in keyof T & string]: Key | `${Key}.${Path<NonNullable<T[Key]>>}` }[keyof T & string];

/** The records of a connection's type. */
export type NodeOf<Connection extends { nodes: unknown[] | null }> = NonNullable<
  NonNullable<Connection["nodes"]>[number]
>;

/** The value at a dotted path: null under a null parent, no opinion where a key is missing. */
export function at<Node>(path: Path<Node>): Column {
  return valueAt(path);
}

function valueAt(path: string): Column {
  const keys = path.split(".");
  return (node) => {
    let value: unknown = node;
    for (const key of keys) {
      if (!isObject(value)) return value;
      value = value[key];
    }
    return value;
  };
}

/** @param errors those of the page, with paths that begin at a node's place in it */
export function readRecords(stream: Mapped, nodes: unknown[], errors: FieldError[]): Read {
  const read: Read = { records: [], rejected: [], unknownFields: 0 };
  nodes.forEach((node, place) => {
    const own = errors.length === 0 ? errors : errors.filter((error) => error.path?.[0] === place);
    const known = withoutUnknown(node, own);
    read.unknownFields += known.removed;
    const result = stream.node.safeParse(known.node);
    if (result.success) read.records.push(record(stream, result.data));
    else read.rejected.push(reject(stream.source, node, own, result.error));
  });
  return read;
}

function record(shape: Shape, node: Record<string, unknown>): StagedRecord {
  const record: StagedRecord = { external_id: String(node.id) };
  for (const name in shape.columns) {
    const value = shape.columns[name]!(node);
    if (value !== undefined) record[name] = value;
  }
  return record;
}

function reject(source: Names, node: unknown, errors: FieldError[], invalid: z.ZodError): RejectedRecord {
  const id = isObject(node) && text.min(1).safeParse(node.id);
  const issue = invalid.issues[0];
  const upstream = errors[0];
  return {
    external_id: id && id.success ? id.data : null,
    path: storable((upstream?.path?.slice(1) ?? issue?.path ?? []).join(".")),
    reason: storable(
      upstream ? `${source.label} answered an error: ${upstream.message}` : issue?.message ?? "not a record",
    ),
    payload: isDeep(node) ? '"nested too deeply to be kept"' : JSON.stringify(node ?? null),
  };
}

/** Deeper than this, Postgres and JSON.stringify run out of stack. */
const deepest = 200;

function isDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth > deepest || Object.values(value).some((inner) => isDeep(inner, depth + 1));
}

/** A field under an error is unknown, not empty: it goes, with the null or the list that stands above it. */
function withoutUnknown(node: unknown, errors: FieldError[]): { node: unknown; removed: number } {
  let known = node;
  const removed = errors.filter((error) => {
    const less = without(known, error.path?.slice(1) ?? []);
    const isLess = less !== known;
    known = less;
    return isLess;
  });
  return { node: known, removed: removed.length };
}

/** A copy that lacks what stands at the path; the same object where nothing does. */
function without(value: unknown, [key, ...rest]: (string | number)[]): unknown {
  if (!isObject(value) || key === undefined || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value;
  if (!isObject(inner) || rest.length === 0) return others;
  const less = without(inner, rest);
  return less === inner ? value : { ...value, [key]: less };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
