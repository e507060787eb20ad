// `etiquette alerts`: lists the open alerts, says that somebody knows of one, and tries the webhook.

import { setTimeout as after } from "node:timers/promises";
import { Argument, type Command } from "commander";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import { json, project, wholeNumber } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { run } from "../run.ts";
import { moment } from "../terminal.ts";

export interface Alert {
  id: number;
  /** The job, the stream or the source that it is about. */
  about: string;
  kind: string;
  message: string;
  details: string | null;
  hint: string | null;
  times: number;
  first_at: string;
  posted_at: string | null;
  acknowledged_at: string | null;
  resolved_at: string | null;
}

interface AlertOptions extends ProjectOptions {
  all?: true;
  json?: true;
}

export function define(command: Command): void {
  project(command)
    .description("list open alerts (exit code 1 when there are any), acknowledge one, or post a test message")
    .addArgument(new Argument("[verb]", "what to do").choices(["list", "ack", "test"]).default("list"))
    .argument("[id]", "of the alert to acknowledge", wholeNumber)
    .option("--all", "list those that are over, too")
    .addOption(json("one object an alert and line"))
    .action((verb: string, id: number | undefined, options: AlertOptions) => {
      if (verb === "test") return run(options, (signal) => test(options, signal), { text: (said) => said });
      if (verb === "ack" && id === undefined) {
        command.error("error: name the alert: etiquette alerts ack <id>");
      }
      return run(
        options,
        (signal) => verb === "ack" ? acknowledge(id!, options, signal) : list(options, signal),
        {
          text,
          isBad: (alerts) => verb === "list" && alerts.some(({ resolved_at }) => resolved_at === null),
        },
      );
    });
}

export function list({ all = undefined, ...options }: AlertOptions, signal: AbortSignal): Promise<Alert[]> {
  return withProject(options, signal, (call) => call("sync_list_alerts", { with_closed: all ?? false }));
}

/** @throws PT404 */
function acknowledge(id: number, options: AlertOptions, signal: AbortSignal): Promise<Alert[]> {
  return withProject(options, signal, async (call) => {
    await call("sync_acknowledge_alert", { alert_id: id });
    return await call<Alert[]>("sync_list_alerts");
  });
}

/** How often the answer is asked for, a second apart. */
const tries = 10;

/** @throws no_webhook, alert_not_posted */
function test(options: AlertOptions, signal: AbortSignal): Promise<string> {
  return withProject(options, signal, async (call) => {
    const request = await call<number | null>("sync_test_webhook");
    if (request === null) {
      throw problem("no_webhook", "No address is set that alerts are posted to.", {
        hint: "As postgres: select vault.create_secret('https://…', 'alert_webhook_url');",
      });
    }
    for (let at = 0; at < tries; at++) {
      const answer = await call<{ status: number | null } | null>("sync_webhook_answer", { request });
      if (answer?.status && answer.status < 300) return `The webhook took a test message (${answer.status}).`;
      if (answer !== null) {
        throw notTaken(answer.status === null ? "cannot be reached" : `answered ${answer.status}`);
      }
      await after(1_000, undefined, { signal });
    }
    throw notTaken("did not answer within ten seconds");
  });
}

function notTaken(what: string) {
  return problem("alert_not_posted", `The webhook for alerts ${what}.`, {
    hint: "Correct the secret alert_webhook_url in Vault, and try again: etiquette alerts test",
  });
}

function text(alerts: Alert[]): string {
  if (alerts.length === 0) return "No alert is open.";
  return alerts.flatMap(({ id, about, kind, message, hint, first_at, ...alert }) => {
    const end = alert.resolved_at ? `, over since ${moment(alert.resolved_at)}` : "";
    const known = alert.acknowledged_at ? ", acknowledged" : alert.posted_at ? ", posted" : "";
    return [
      `${alert.resolved_at ? "ok" : "✖ "} ${id} ${about}: ${kind}, since ${moment(first_at)}${known}${end}`,
      `   ${message.replaceAll("\n", "\n   ")}`,
      ...(hint && !alert.resolved_at ? [`   ${hint}`] : []),
    ];
  }).join("\n");
}
