// Turns the request for a pass of detection into a response. Its status is
//   200  the pass is done; the body is its report
//   202  the time is up: `left` pianos wait for the next call
//   400  the request has an option that does not exist; 405  it is not a POST
//   401  there is no secret key (answered before this is called)
//   500  the database failed, or there is a bug

import { partsOf, problem } from "../_shared/problem.ts";
import { detect, optionsOf } from "../_shared/shop/detection.ts";
import { statusOf } from "../_shared/sync/codes.ts";
import type { Database } from "../_shared/sync/database.ts";
import { logged } from "../_shared/sync/log.ts";

export type Surroundings = {
  database: Database;
  /** Milliseconds. */
  now: () => number;
};

/** Milliseconds after which the database is not called again. */
const budget = 25_000;

export async function handle(request: Request, { database, now }: Surroundings): Promise<Response> {
  try {
    if (request.method !== "POST") return methodNotAllowed();
    const options = await optionsOf(request);
    const deadline = now() + budget;
    const report = await detect(database, options, () => now() >= deadline);
    return Response.json(report, { status: report.left > 0 && !report.dry_run ? 202 : 200 });
  } catch (thrown) {
    const found = logged({ function: "detect-pls" }, thrown);
    return Response.json({ error: partsOf(found) }, { status: statusOf(found.code) });
  }
}

function methodNotAllowed(): Response {
  const wrong = problem("request_invalid", "a pass is started by POST", { hint: "Send a POST request." });
  return Response.json({ error: partsOf(wrong) }, { status: 405, headers: { allow: "POST" } });
}
