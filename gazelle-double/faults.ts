import type { Fault, FaultKind } from "./orders.ts";

/** Orders not yet carried out, oldest first. */
export interface FaultQueue {
  nextId: number;
  outstanding: Outstanding[];
}

export interface Outstanding {
  id: number;
  left: number | "always";
  /** How many more requests it lets pass. */
  skip?: number;
  fault: Fault;
}

/** A root field of a request, with the page that it asks for. */
export interface Visit {
  field: string;
  page: number | null;
}

/** Faults that replace an answer. One request gets one of them; the others wait for the next request. */
export const IN_PLACE_OF_AN_ANSWER: readonly FaultKind[] = [
  "unauthorized",
  "forbidden",
  "too_many_requests",
  "server_error",
  "timeout",
  "cut",
  "malformed_json",
];
export const IN_THE_ANSWER: readonly FaultKind[] = ["field_error", "malformed_record", "subset"];
/** Changes in Gazelle: made at once, or, if a field is given, just before that field is answered next. */
export const CHANGES: readonly FaultKind[] = [
  "shift",
  "edit",
  "delete",
  "merge",
  "insert",
  "expired_token",
  "revoked_refresh_token",
];

export function createQueue(): FaultQueue {
  return { nextId: 1, outstanding: [] };
}

export function enqueue(queue: FaultQueue, fault: Fault): Outstanding {
  const outstanding = { id: queue.nextId++, left: fault.times, skip: fault.skip, fault };
  queue.outstanding.push(outstanding);
  return outstanding;
}

/** Takes the orders of these kinds that fit a visit, at most `limit`, and counts one turn of each. */
export function takeFaults(
  queue: FaultQueue,
  kinds: readonly FaultKind[],
  visits: readonly Visit[],
  limit = Infinity,
): Fault[] {
  const fitting = queue.outstanding
    .filter(({ fault }) => kinds.includes(fault.kind) && visits.some((visit) => fits(fault, visit)))
    .filter(isDue)
    .slice(0, limit);
  for (const order of fitting) if (order.left !== "always") order.left--;
  queue.outstanding = queue.outstanding.filter(({ left }) => left !== 0);
  return fitting.map(({ fault }) => fault);
}

function isDue(order: Outstanding): boolean {
  if (!order.skip) return true;
  order.skip--;
  return false;
}

/** At the OAuth endpoints only orders that name the endpoint have an effect, or these kinds, which are about tokens. */
const PLACES: Record<string, FaultKind> = { token: "no_refresh_token", authorize: "access_denied" };

function fits(fault: Fault, visit: Visit): boolean {
  const place = PLACES[visit.field];
  if (fault.field ? fault.field !== visit.field : place !== undefined && place !== fault.kind) return false;
  return fault.page === undefined || fault.page === visit.page;
}
