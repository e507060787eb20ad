// The error codes of connecting Gazelle, with the HTTP status of each.

import * as sync from "../../sync/codes.ts";

const statuses: Record<string, number> = {
  state_unknown: 400,
  consent_denied: 403,
  state_used: 409,
  state_expired: 410,
  gazelle_code_refused: 502,
};

export function statusOf(code: string): number {
  return statuses[code] ?? sync.statusOf(code);
}
