// From a request to a response:
//   200  the pass is done; the body is its report
//   202  time ran out: `left` pianos wait for the next call
//   400  the request asks for something there is not; 405  it is no POST
//   401  no secret key (answered before this)
//   500  the database, or a bug

import { asProblem, partsOf, problem } from "../_shared/problem.ts";
import { detect, readOptions } from "../_shared/shop/detection.ts";
import { statusOf } from "../_shared/sync/codes.ts";
import type { Database } from "../_shared/sync/database.ts";

export type Dependencies = {
  database: Database;
  /** Milliseconds. */
  now: () => number;
};

/** Milliseconds after which no further slice is begun. */
const budget = 25_000;

export async function handle(request: Request, { database, now }: Dependencies): Promise<Response> {
  try {
    if (request.method !== "POST") return methodNotAllowed();
    const options = readOptions(await request.text());
    const deadline = now() + budget;
    const report = await detect(database, options, () => now() >= deadline);
    return Response.json(report, { status: report.left > 0 && !report.dry_run ? 202 : 200 });
  } catch (thrown) {
    const found = asProblem(thrown);
    console.error(JSON.stringify({ function: "detect-pls", ...partsOf(found) }));
    return Response.json({ error: partsOf(found) }, { status: statusOf(found.code) });
  }
}

function methodNotAllowed(): Response {
  const refused = problem("request_invalid", "a pass is started by POST", { hint: "Send a POST request." });
  return Response.json({ error: partsOf(refused) }, { status: 405, headers: { allow: "POST" } });
}
