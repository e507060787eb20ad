// What must be true of any answer of Gazelle, however mad: no crash, no record lost, no field invented.

import assert from "node:assert/strict";
import { asProblem } from "../../supabase/functions/_shared/errors.ts";
import { connectGazelle, type FieldError } from "../../supabase/functions/_shared/gazelle.ts";
import { readPage } from "../../supabase/functions/_shared/pages.ts";
import { readRecords, type StagedRecord } from "../../supabase/functions/_shared/records.ts";
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import type { Stream } from "../../supabase/functions/_shared/stream.ts";
import type { Answer } from "./answers.ts";

export type Verdict = "refused" | "read";

const settings = readSettings({ GAZELLE_API_KEY: "a-long-key", GAZELLE_RETRIES: "0" });

/** @throws AssertionError when a promise is broken */
export async function judge(stream: Stream, answer: Answer): Promise<{ verdict: Verdict; staged: number }> {
  const page = await readPage(gazelleThatSays(answer), stream, 100, null).catch((thrown) => {
    const { code, cause } = asProblem(thrown);
    assert.match(code, /^gazelle_/, `a crash: ${cause instanceof Error ? cause.stack : code}`);
    return null;
  });
  if (page === null) return { verdict: "refused", staged: 0 };

  const { nodes, errors } = page;
  const { records, rejected } = readRecords(stream, nodes, errors);
  assert.equal(records.length + rejected.length, nodes.length, "each node is staged or rejected");
  for (const { external_id, reason, path, payload } of rejected) {
    for (const text of [external_id ?? "", reason, path, payload]) {
      assert.ok(isStorable(text), "can be stored");
    }
    JSON.parse(payload);
  }
  const alone = nodes.flatMap((node, place) => judgeNode(stream, node, errorsOf(errors, place)));
  assert.deepEqual(records, alone, "a record does not depend on its neighbours");
  return { verdict: "read", staged: records.length };
}

function judgeNode(stream: Stream, node: unknown, errors: FieldError[]): StagedRecord[] {
  const { records } = readRecords(stream, [node], errors);
  for (const record of records) {
    assert.ok([...leavesOf(record)].every(isStorable), "can be stored");
    assert.ok(typeof record.external_id === "string" && record.external_id !== "", "has an id");
    nothingIsInvented(record, leavesOf(node));
  }
  // What lies under an error is as if it had not been sent.
  const less = errors.reduce((left, { path }) => withoutPlace(left, path?.slice(1) ?? []), node);
  assert.deepEqual(
    readRecords(stream, [less], []).records.slice(0, records.length),
    records,
    "unknown is absent",
  );
  for (const key of Object.keys(node ?? {})) oneFieldLess(stream, node, key);
  return records;
}

/** A field that is not sent takes its own columns with it, and changes no other. */
function oneFieldLess(stream: Stream, node: unknown, key: string): void {
  if (key === "id") return;
  const { [key]: _, ...less } = node as Record<string, unknown>;
  const [whole] = readRecords(stream, [node], []).records;
  const [left] = readRecords(stream, [less], []).records;
  for (const [column, value] of Object.entries(whole && left ? left : {})) {
    assert.deepEqual(value, whole![column], `${column} changed when ${key} was not sent`);
  }
}

const derived: Record<string, (value: unknown, leaves: Set<unknown>) => boolean> = {
  company_name: (value, leaves) =>
    String(value).split(" ").every((part) => [...leaves].some((leaf) => String(leaf).includes(part))),
  appointment_date: (value) => /^\d{4}-\d\d-\d\d$/.test(String(value)),
  appointment_time: (value) => /^\d\d:\d\d:\d\d$/.test(String(value)),
  invoice_id: (value) => value === null,
  estimate_id: (value) => value === null,
  piano_external_id: (value) => value === null,
};

function nothingIsInvented(record: StagedRecord, leaves: Set<unknown>): void {
  for (const [column, value] of Object.entries(record)) {
    const parts = Array.isArray(value) ? value : [value];
    if (parts.every((part) => leaves.has(part))) continue;
    assert.ok(derived[column]?.(value, leaves), `${column} is ${JSON.stringify(value)}, which nobody sent`);
  }
}

function leavesOf(node: unknown): Set<unknown> {
  if (typeof node !== "object" || node === null) return new Set([node]);
  return new Set(Object.values(node).flatMap((inner) => [...leavesOf(inner)]));
}

function withoutPlace(node: unknown, [key, ...rest]: (string | number)[]): unknown {
  if (typeof node !== "object" || node === null || Array.isArray(node) || key === undefined) return node;
  return Object.fromEntries(
    Object.entries(node).flatMap(([name, value]) => {
      if (name !== key) return [[name, value]];
      const isOpen = typeof value === "object" && value !== null && !Array.isArray(value) && rest.length > 0;
      return isOpen ? [[name, withoutPlace(value, rest)]] : [];
    }),
  );
}

/** Text that holds neither a NUL nor half a surrogate pair. */
function isStorable(value: unknown): boolean {
  return typeof value !== "string" || value.isWellFormed() && !value.includes("\0");
}

function errorsOf(errors: FieldError[], place: number): FieldError[] {
  const own = errors.filter(({ path }) => path?.[0] === place);
  return own.map((error) => ({ ...error, path: [0, ...error.path?.slice(1) ?? []] }));
}

function gazelleThatSays(answer: Answer) {
  const world = {
    fetch: () => Promise.resolve(new Response(JSON.stringify(answer))),
    now: () => 0,
    sleep: () => Promise.resolve(),
    random: () => 0,
    tokens: {},
  };
  return connectGazelle(settings, world, 1);
}
