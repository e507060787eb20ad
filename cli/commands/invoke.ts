// `etiquette invoke <function>`: calls an edge function once with the secret key, and prints its answer.

import { type Command, InvalidArgumentError } from "commander";
import { json, project } from "../options.ts";
import type { Answer } from "../calls.ts";
import { openApi, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";

export interface InvokeOptions extends ProjectOptions {
  body?: string;
}

export function define(command: Command): void {
  project(command)
    .description("call an edge function once, as cron does")
    .argument("<function>", "its name, such as sync-clients or detect-pls", parseName)
    .option("--body <json>", "what is sent", parseBody)
    .addOption(json("one JSON value: the HTTP status and the body of the answer"))
    .action((name, options) => run(options, (signal) => invoke(name, options, signal), { text, isBad }));
}

export async function invoke(name: string, options: InvokeOptions, signal: AbortSignal): Promise<Answer> {
  const api = await openApi(options);
  return await api.invoke(name, options.body ?? "", signal);
}

function text({ status, body }: Answer): string {
  return `${status}\n${typeof body === "string" ? body : JSON.stringify(body, null, 2)}`;
}

function isBad({ status }: Answer): boolean {
  return status >= 300;
}

function parseName(text: string): string {
  if (/^[A-Za-z0-9][\w-]*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be the name of a folder in supabase/functions.");
}

function parseBody(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(
      `It is no JSON: ${(error as Error).message}. Write: --body '{"dry_run": true}'`,
    );
  }
}
