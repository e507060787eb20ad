// `etiquette connect`: begins a connection to Gazelle, prints the address to open, and waits until that was done.

import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { type Parts, problem } from "../../supabase/functions/_shared/problem.ts";
import { json, project } from "../options.ts";
import { openProgress, type Progress } from "../progress.ts";
import { type Api, fieldsOf, functionFailed } from "../calls.ts";
import { openApi, type ProjectOptions, withProject } from "../project.ts";
import { run } from "../run.ts";
import { moment, oneLine } from "../terminal.ts";

export interface ConnectOptions extends ProjectOptions {
  status?: true;
  json?: true;
}

/** The answer of `sync_token_status`. */
export interface Connection {
  /** Null before Gazelle was called for the first time. */
  way: "oauth" | "api_key" | null;
  is_connected: boolean;
  source?: "settings" | "connect";
  connected_at?: string;
  renewed_at?: string | null;
  expires_at?: string | null;
  is_renewable?: boolean;
  error?: (Parts & { at: string }) | null;
  attempt:
    | { id: number; outcome: "waiting" | "connected" | "failed" | "expired"; error: Parts | null }
    | null;
}

/** Milliseconds between two requests for the state of the connection. */
const lookEvery = 500;

export function define(command: Command): void {
  project(command)
    .description("connect to Gazelle: print an address to open, and wait until that is done")
    .option("--status", "only show how Gazelle is reached")
    .addOption(json("one JSON value: how Gazelle is reached"))
    .action((options: ConnectOptions) =>
      run(
        options,
        (signal) => options.status ? status(options, signal) : connect(options, signal, openProgress(false)),
        {
          text,
          isBad: ({ is_connected }) => !is_connected,
        },
      )
    );
}

export function status(options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  return withProject(options, signal, (call) => call<Connection>("sync_token_status"));
}

/**
 * @throws the error of the function, the error with which the connection failed, connection_overtaken, state_expired
 */
export async function connect(
  options: ConnectOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<Connection> {
  const api = await openApi(options);
  const begun = await begin(api, signal);
  progress.line(`Open this address before ${moment(begun.expires_at)} UTC, as an administrator of Gazelle:`);
  progress.line(`\n  ${begun.url}\n`);
  progress.passing("Waiting for Gazelle; Ctrl-C ends the wait, and the address stays good.");
  while (true) {
    const found = await api.call<Connection>("sync_token_status");
    if (found.attempt?.id !== begun.id) throw overtaken();
    const { outcome, error } = found.attempt;
    if (outcome === "connected") return found;
    if (outcome === "failed" && error) throw problem(error.code, error.message, error);
    if (outcome === "expired") throw tooLate();
    await delay(lookEvery, undefined, { signal });
  }
}

interface Begun {
  id: number;
  url: string;
  expires_at: string;
}

async function begin(api: Api, signal: AbortSignal): Promise<Begun> {
  const answer = await api.invoke("connect-gazelle", "", signal);
  const { error, id, url, expires_at } = fieldsOf(answer) as Partial<Begun> & { error?: Parts };
  if (error) throw problem(error.code, error.message, error);
  if (typeof id === "number" && typeof url === "string" && typeof expires_at === "string") {
    return { id, url, expires_at };
  }
  throw functionFailed("connect-gazelle", answer, "an address");
}

function overtaken(): Error {
  return problem("connection_overtaken", "Another connection was begun meanwhile.", {
    hint: "See what became of it: etiquette connect --status",
  });
}

function tooLate(): Error {
  return problem("state_expired", "Nobody came back from Gazelle within ten minutes.", {
    hint:
      "Begin again: etiquette connect. If Gazelle showed an error, compare the redirect URL that is registered there.",
  });
}

function text(found: Connection): string {
  if (found.way === "api_key") return "Gazelle is reached with an API key.";
  if (!found.is_connected) return "Gazelle is not connected: set GAZELLE_API_KEY, or etiquette connect.";
  const from = found.source === "connect" ? "by a connection" : "by the refresh token in the settings";
  const lines = [`Gazelle is connected ${from}, since ${moment(found.connected_at)} UTC.`];
  if (found.renewed_at) lines.push(`The token is of ${moment(found.renewed_at)} UTC.`);
  if (found.expires_at) {
    const renewal = found.is_renewable
      ? "and is renewed before"
      : "and cannot be renewed: connect again before";
    lines.push(`It ends ${moment(found.expires_at)} UTC, ${renewal}.`);
  }
  if (found.error) {
    lines.push(oneLine(`The last renewal failed, ${moment(found.error.at)} UTC: ${found.error.message}`));
  }
  return lines.join("\n");
}
