// Posts open alerts to the webhook, each once, in the shape that the database gives them.

import { z } from "zod";
import { type Problem, problem } from "../problem.ts";
import { wrongUrl } from "../urls.ts";
import { call, type Database } from "./database.ts";

const unposted = z.array(z.object({ id: z.number(), url: z.string(), body: z.unknown() }));

/** Milliseconds that the webhook has to answer. */
const patience = 5_000;

/**
 * An alert that the webhook does not take stays unposted; the next run tries again.
 * @param local whether the platform runs in a private network
 * @throws database_failed, alert_not_posted; neither contains the webhook's address, which is a secret
 */
export async function postAlerts(
  database: Database,
  send: typeof fetch,
  local: boolean,
): Promise<void> {
  for (const { id, url, body } of await call(database, "sync_read_alerts", {}, unposted)) {
    const wrong = wrongUrl(url, local);
    if (wrong) throw notPosted(`the address of the webhook for alerts ${wrong}`);
    const response = await post(url, body, send);
    await response.body?.cancel();
    if (!response.ok) throw notPosted(`the webhook for alerts answered ${response.status}`);
    await call(database, "sync_mark_posted", { ids: [id] }, z.unknown());
  }
}

/** Redirects are not followed, since they could lead to an address that nobody checked. */
async function post(url: string, body: unknown, send: typeof fetch): Promise<Response> {
  try {
    return await send(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
    });
  } catch (thrown) {
    // The text of the error is not passed on, since it names the address.
    const isLate = thrown instanceof Error && thrown.name === "TimeoutError";
    throw notPosted(
      isLate
        ? `the webhook for alerts did not answer in ${patience} ms`
        : "the webhook for alerts cannot be reached",
    );
  }
}

function notPosted(message: string): Problem {
  return problem("alert_not_posted", message, {
    hint: "Check the secret alert_webhook_url in Vault. The alert is in sync.alerts; the next run posts it.",
  });
}
