// The error codes of a sync, with the HTTP status of each.

import { faultOf, isCommon, statusOfFault } from "./faults.ts";

const statuses = {
  // Of these only the report of a run tells.
  run_degraded: 200,
  run_ended: 409,
  run_stalled: 500,
  request_invalid: 400,
  run_active: 409,
  run_lost: 409,
  run_tripped: 422,
  stream_off: 423,
  account_changed: 500,
  settings_invalid: 500,
  database_failed: 500,
  database_newer: 500,
  internal: 500,
  alert_not_posted: 502,
} as const;

export type Code = keyof typeof statuses;

/** Also of the faults of a source; 500 for any other code. */
export function statusOf(code: string): number {
  const fault = faultOf(code);
  return fault ? statusOfFault(fault) : statuses[code as Code] ?? 500;
}

/** Which streams would fail in the same way, so that a call need not try them. */
export function reachOf(code: string | undefined): "stream" | "source" | "all" {
  if (code === "database_failed" || code === "database_newer") return "all";
  const fault = faultOf(code ?? "");
  return code === "settings_invalid" || code === "account_changed" || fault && isCommon(fault)
    ? "source"
    : "stream";
}
