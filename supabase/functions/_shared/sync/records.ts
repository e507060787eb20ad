// Turns the nodes of a page into records to stage. A field has three states: present (also if it is null or empty),
// absent, or unknown (the source reported an error for it). A record has the columns whose fields are present, and no
// others: nothing is ever filled in.

import { z } from "zod";
import { storable } from "../problem.ts";
import type { Names } from "./names.ts";
import type { FieldError } from "./page.ts";

/** Takes the value of a column from a node. Undefined means that the record leaves the column alone. */
export type Column = (node: Record<string, unknown>) => unknown;

export type Shape = {
  node: z.ZodType<Record<string, unknown>>;
  columns: Record<string, Column>;
};

/** The shape of a record, and the source that it comes from. */
export type Mapped = Shape & { source: Names };

export type StagedRecord = { external_id: string; [column: string]: unknown };

/** The payload is JSON as text, because jsonb cannot hold everything that is rejected. */
export type RejectedRecord = { external_id: string | null; path: string; reason: string; payload: string };

/** The nodes of a page, sorted into records to stage and records to reject. */
export type Sorted = {
  records: StagedRecord[];
  rejected: RejectedRecord[];
  unknownFields: number;
  /** How many of the records to stage have such a field. */
  unclear: number;
};

/** Text that Postgres can store. */
export const text = z.string().refine((value) => value.isWellFormed() && !value.includes("\0"), {
  error: "holds a NUL or an unpaired surrogate, which Postgres cannot store",
});

/** An id that another record has. Its index in Postgres holds some 2,700 bytes. */
export const reference = text.max(200, "is longer than any id");

/** The id of a record. */
export const id = reference.refine((value) => value.trim() !== "", { error: "is blank, and no id" });

/** A moment in time. */
export const moment = z.iso.datetime({ offset: true }).refine((value) => !Number.isNaN(Date.parse(value)), {
  error: "is no moment in time",
});

/** A field that may be null, and may be missing. */
export function field<T extends z.ZodType>(type: T) {
  return type.nullable().optional();
}

/** The fields of a record schema: every field of the query, each with a type that fits the answer's. */
export type Fields<Node> = { [Key in keyof Node]-?: z.ZodType<unknown, Sent<Node[Key]> | null | undefined> };

/** The type of what may really come: any key may be missing, anything may be null. */
type Sent<T> = T extends Scalar ? T
  : T extends readonly (infer Element)[] ? Sent<Element>[]
  : { [Key in keyof T]?: Sent<T[Key]> | null };

type Scalar = string | number | boolean | null | undefined;

/** The path to a field of a record, such as `owner.id`. */
export type Path<T> = T extends Scalar | readonly unknown[] ? never
  : { [Key in keyof T & string]: Key | `${Key}.${Path<NonNullable<T[Key]>>}` }[keyof T & string];

/** The type of the records of a connection. */
export type NodeOf<Connection extends { nodes: unknown[] | null }> = NonNullable<
  NonNullable<Connection["nodes"]>[number]
>;

/** Takes the value at a path: null if a parent is null, undefined if a key is missing. */
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

/** @param errors of the page: each path begins with the index of a node */
export function readRecords(stream: Mapped, nodes: unknown[], errors: FieldError[]): Sorted {
  const sorted: Sorted = { records: [], rejected: [], unknownFields: 0, unclear: 0 };
  nodes.forEach((node, index) => {
    const own = errors.length === 0 ? errors : errors.filter((error) => error.path?.[0] === index);
    const told = withoutUnknown(node, own);
    sorted.unknownFields += told.removed;
    const result = stream.node.safeParse(told.node);
    if (result.success) {
      sorted.records.push(record(stream, result.data));
      if (told.removed > 0) sorted.unclear++;
    } else sorted.rejected.push(reject(stream.source, node, own, result.error));
  });
  return sorted;
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

/** At greater depths, Postgres and JSON.stringify run out of stack. */
const deepest = 200;

function isDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth > deepest || Object.values(value).some((inner) => isDeep(inner, depth + 1));
}

/**
 * Removes the fields that have an error, since they are unknown and not empty. If a parent is null or a list, it goes
 * too.
 */
function withoutUnknown(node: unknown, errors: FieldError[]): { node: unknown; removed: number } {
  let rest = node;
  const removed = errors.filter((error) => {
    const less = without(rest, error.path?.slice(1) ?? []);
    const isLess = less !== rest;
    rest = less;
    return isLess;
  });
  return { node: rest, removed: removed.length };
}

/** A copy without the value at the path; the same object if there is none. */
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
