import { z } from "zod";
import type { Refusal } from "./refusal.ts";

export const ROOT_FIELDS = [
  "allClients",
  "allPianos",
  "allEventsBatched",
  "allTimelineEntries",
  "allUsers",
  "allClientTags",
  "allPianoTags",
  "client",
  "piano",
  "contact",
  "event",
  "company",
  "user",
] as const;

const LISTS = ["allClients", "allPianos", "allEventsBatched", "allTimelineEntries"] as const;
const KINDS = ["client", "piano", "contact", "user", "event", "timelineEntry"] as const;

const path = z.string().regex(/^\w+(\.\w+)*$/, "a field's name, or names joined by dots");
const times = z.union([z.int().min(1), z.literal("always")]);
const where = {
  field: z.enum([...ROOT_FIELDS, "token", "authorize"]).optional(),
  page: z.int().min(1).optional(),
  times: times.default(1),
  /** How many fitting requests pass first, so that an order can reach the second of two lists of one field. */
  skip: z.int().min(1).optional(),
};
const onAnswer = { ...where, field: z.enum(ROOT_FIELDS) };
const id = z.string().regex(/^(cli|ins|con|usr|evt|tme)_\w+$/, "the id of a record");
const fields = z.record(z.string(), z.json());

/** An order: what goes wrong, where, and how often. */
export const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...where, kind: z.literal("unauthorized") }),
  z.strictObject({ ...where, kind: z.literal("forbidden") }),
  z.strictObject({
    ...where,
    kind: z.literal("too_many_requests"),
    /** Seconds, or an HTTP date; null sends no header. */
    retryAfter: z.union([z.number().min(0), z.string().min(1), z.null()]).default(1),
  }),
  z.strictObject({
    ...where,
    kind: z.literal("server_error"),
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]).default(500),
  }),
  z.strictObject({ ...where, kind: z.literal("timeout"), holdMs: z.int().min(1).optional() }),
  z.strictObject({ ...where, kind: z.literal("cut") }),
  z.strictObject({ ...where, kind: z.literal("malformed_json") }),
  z.strictObject({
    ...onAnswer,
    kind: z.literal("field_error"),
    /** Indexes on the page, from 0, or ids. */
    records: z.array(z.union([z.int().min(0), z.string()])).min(1).default([0]),
    path,
    message: z.string().default("Internal error while resolving the field"),
  }),
  z.strictObject({
    ...onAnswer,
    kind: z.literal("malformed_record"),
    record: z.union([z.int().min(0), z.string()]).default(0),
    /** `.` is the record itself. */
    path: z.union([path, z.literal(".")]).default("id"),
    /** Without a value the key is left out. */
    value: z.json().optional(),
  }),
  z.strictObject({
    ...onAnswer,
    kind: z.literal("subset"),
    field: z.enum(ROOT_FIELDS).optional(),
    share: z.number().min(0).max(1).default(0.5),
    times: times.default("always"),
  }),
  z.strictObject({
    ...where,
    kind: z.literal("shift"),
    field: z.enum(LISTS),
    page: z.int().min(2),
    change: z.enum(["insert", "remove"]).default("remove"),
  }),
  z.strictObject({ ...where, kind: z.literal("edit"), id, fields }),
  z.strictObject({ ...where, kind: z.literal("delete"), id }),
  z.strictObject({ ...where, kind: z.literal("merge"), from: id, into: id }),
  z.strictObject({
    ...where,
    kind: z.literal("insert"),
    record: z.enum(KINDS),
    fields: fields.default({}),
    at: z.enum(["start", "end"]).default("end"),
  }),
  z.strictObject({ ...where, kind: z.literal("no_refresh_token") }),
  z.strictObject({ ...where, kind: z.literal("access_denied") }),
  z.strictObject({ ...where, kind: z.literal("expired_token") }),
  z.strictObject({ ...where, kind: z.literal("revoked_refresh_token") }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultOrder = z.input<typeof faultSchema>;
export type FaultKind = Fault["kind"];
export type FieldErrorFault = Extract<Fault, { kind: "field_error" }>;
export type MalformedRecordFault = Extract<Fault, { kind: "malformed_record" }>;

export const FAULT_KINDS = faultSchema.options.map((option) => option.shape.kind.value) as FaultKind[];

/** The order, or what is wrong with it and what is allowed. */
export function parseFault(order: unknown): { fault: Fault } | { refusal: Refusal } {
  const parsed = faultSchema.safeParse(order);
  if (parsed.success) return { fault: parsed.data };
  const kind = (order as { kind?: unknown } | null)?.kind;
  const option = faultSchema.options.find((candidate) => candidate.shape.kind.value === kind);
  return {
    refusal: {
      code: "invalid_order",
      message: option
        ? `The order for \`${kind}\` is wrong.`
        : `There is no fault of the kind ${JSON.stringify(kind) ?? "undefined"}.`,
      details: parsed.error.issues.map((issue) => `${issue.path.join(".") || "order"}: ${issue.message}`)
        .join("\n"),
      hint: option
        ? `A \`${kind}\` takes ${Object.keys(option.shape).join(", ")}.`
        : `Kinds are ${FAULT_KINDS.join(", ")}.`,
    },
  };
}
