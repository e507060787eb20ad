import type { ExecutionResult } from "graphql";
import type { MalformedRecordFault } from "./orders.ts";

/** Breaks records of an answer in ways that the schema does not allow, after the schema has been applied. */
export function breakRecords(
  result: ExecutionResult,
  keys: readonly { field: string; responseKey: string }[],
  faults: readonly MalformedRecordFault[],
): ExecutionResult {
  for (const fault of faults) {
    for (const { field, responseKey } of keys) {
      if (field !== fault.field) continue;
      for (const list of listsOf(result.data as Json | null, responseKey)) breakOne(list, fault);
    }
  }
  return result;
}

type Json = Record<string, unknown>;

/** The slots (object and key) of the records in the answer: one list for each list, or the single record. */
function listsOf(data: Json | null, key: string): { holder: Json; key: string }[][] {
  const answer = data?.[key];
  if (Array.isArray(answer)) return [slots(answer)];
  if (!answer) return [];
  const { edges, nodes } = answer as { edges?: Json[]; nodes?: unknown[] };
  if (!edges && !nodes) return [[{ holder: data as Json, key }]];
  const ofEdges = (edges ?? []).map((edge) => ({ holder: edge, key: "node" }));
  return [ofEdges, slots(nodes ?? [])];
}

function slots(records: unknown[]): { holder: Json; key: string }[] {
  return records.map((_, k) => ({ holder: records as unknown as Json, key: String(k) }));
}

function breakOne(list: { holder: Json; key: string }[], fault: MalformedRecordFault): void {
  const slot = typeof fault.record === "number"
    ? list[fault.record]
    : list.find(({ holder, key }) => (holder[key] as Json | null)?.id === fault.record);
  if (!slot) return;
  let { holder, key } = slot;
  for (const name of fault.path === "." ? [] : fault.path.split(".")) {
    const inner = holder[key];
    if (typeof inner !== "object" || inner === null) return;
    [holder, key] = [inner as Json, name];
  }
  if (fault.value === undefined) delete holder[key];
  else holder[key] = fault.value;
}
