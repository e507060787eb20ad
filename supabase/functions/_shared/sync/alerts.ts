// Posts open alerts to the webhook, each once, in the format that Slack takes and others have copied from it.

import { z } from "zod";
import { type Problem, problem } from "../problem.ts";
import { wrongUrl } from "../urls.ts";
import { call, type Database } from "./database.ts";

const unposted = z.object({
  webhook_url: z.string().nullable(),
  alerts: z.array(z.object({ id: z.number(), text: z.string() })),
});

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
  const { webhook_url, alerts } = await call(database, "sync_read_alerts", {}, unposted);
  if (webhook_url === null || alerts.length === 0) return;
  const wrong = wrongUrl(webhook_url, local);
  if (wrong) throw notPosted(`the address of the webhook for alerts ${wrong}`);
  const response = await post(webhook_url, alerts.map(({ text }) => text).join("\n\n"), send);
  await response.body?.cancel();
  if (!response.ok) throw notPosted(`the webhook for alerts answered ${response.status}`);
  await call(database, "sync_mark_posted", { ids: alerts.map(({ id }) => id) }, z.unknown());
}

/** Redirects are not followed, since they could lead to an address that nobody checked. */
async function post(url: string, text: string, send: typeof fetch): Promise<Response> {
  try {
    return await send(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
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
