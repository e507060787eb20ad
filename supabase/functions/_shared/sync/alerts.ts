// Alerts on their way to people: each is posted to the webhook once, as Slack and those who copy it take it.

import { z } from "zod";
import { type Problem, problem } from "../problem.ts";
import { refusedUrl } from "../urls.ts";
import { call, type Database } from "./database.ts";

const unposted = z.object({
  webhook_url: z.string().nullable(),
  alerts: z.array(z.object({
    id: z.number(),
    /** The label of the source that it is about. */
    source: z.string().nullable(),
    /** None, and no run, where it is about the credentials, which all streams of the source share. */
    stream: z.string().nullable(),
    kind: z.string(),
    run_id: z.number().nullable(),
    message: z.string(),
    details: z.string().nullable(),
    hint: z.string().nullable(),
    link: z.string().nullable(),
  })),
});

type Alert = z.infer<typeof unposted>["alerts"][number];

/** Milliseconds that the webhook may take. */
const patience = 5_000;

/**
 * What the webhook does not take stays unposted, and goes with the next run.
 * @param local whether the platform runs in a private network
 * @throws database_failed, alert_not_posted; the address is a secret, and in none of them
 */
export async function postAlerts(
  database: Database,
  send: typeof fetch,
  local: boolean,
): Promise<void> {
  const { webhook_url, alerts } = await call(database, "sync_read_alerts", {}, unposted);
  if (webhook_url === null || alerts.length === 0) return;
  const refused = refusedUrl(webhook_url, local);
  if (refused) throw notPosted(`the address of the webhook for alerts ${refused}`);
  const response = await post(webhook_url, alerts.map(asText).join("\n\n"), send);
  await response.body?.cancel();
  if (!response.ok) throw notPosted(`the webhook for alerts answered ${response.status}`);
  await call(database, "sync_mark_posted", { ids: alerts.map(({ id }) => id) }, z.unknown());
}

/** A redirect is not followed: it could lead anywhere. */
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
    // The error's own text would name the address.
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
    hint:
      "Check the secret alert_webhook_url in Vault. The alert is in sync.alerts, and goes with the next run.",
  });
}

function asText({ source, stream, kind, run_id, message, details, hint, link }: Alert): string {
  const run = link ? `<${link}|run ${run_id}>` : `run ${run_id}`;
  const head = `*${stream ?? source}: ${kind}*${run_id === null ? "" : ` (${run})`}`;
  const said = [message, details, hint].filter((part) => part !== null).map(escaped);
  return [head, ...said].join("\n");
}

/** What a source said must not become a link, or call everybody: Slack's own three signs. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
