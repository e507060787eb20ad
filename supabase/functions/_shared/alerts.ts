// Alerts on their way to people: each is posted to the webhook once, as Slack and those who copy it take it.

import { z } from "zod";
import { problem } from "./errors.ts";
import { call, type Database } from "./runs.ts";

const unposted = z.object({
  webhook_url: z.string().nullable(),
  alerts: z.array(z.object({
    id: z.number(),
    stream: z.string(),
    kind: z.string(),
    run_id: z.number(),
    message: z.string(),
    details: z.string().nullable(),
    hint: z.string().nullable(),
    link: z.string().nullable(),
  })),
});

type Alert = z.infer<typeof unposted>["alerts"][number];

/** Milliseconds that the webhook may take. */
const patience = 5_000;

/** What the webhook does not take stays unposted, and goes with the next run. @throws database_failed, alert_not_posted */
export async function postAlerts(database: Database, send: typeof fetch): Promise<void> {
  const { webhook_url, alerts } = await call(database, "sync_read_alerts", {}, unposted);
  if (webhook_url === null || alerts.length === 0) return;
  const response = await send(webhook_url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: alerts.map(asText).join("\n\n") }),
    signal: AbortSignal.timeout(patience),
  });
  await response.body?.cancel();
  if (!response.ok) {
    throw problem("alert_not_posted", `the webhook for alerts answered ${response.status}`, {
      hint:
        "Check the secret alert_webhook_url in Vault. The alert is in sync.alerts, and goes with the next run.",
    });
  }
  await call(database, "sync_mark_posted", { ids: alerts.map(({ id }) => id) }, z.unknown());
}

function asText({ stream, kind, run_id, message, details, hint, link }: Alert): string {
  const head = `*${stream}: ${kind}* (${link ? `<${link}|run ${run_id}>` : `run ${run_id}`})`;
  return [head, message, details, hint].filter(Boolean).join("\n");
}
