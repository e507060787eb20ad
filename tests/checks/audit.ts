// Known holes in what we depend on, as the registry of packages tells them. Without one that answers the check is
// skipped, and says so: whoever is offline must be able to work.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Check, Finding } from "./deno.ts";

/** Milliseconds for the registry to answer in. */
const patience = 10_000;

const report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.string(), range: z.string(), fixAvailable: z.unknown() }),
  ),
});

const failure = z.object({ message: z.string(), statusCode: z.number().optional() });

/** Of all packages: those of functions and the local platform are for development too; a hole below `high` is a hint. */
export async function hasNoKnownHoles(): Promise<Check> {
  return readAudit(
    await npm(["audit", "--json", "--fetch-retries=0", `--fetch-timeout=${patience}`]),
  );
}

export function readAudit(output: string): Check {
  const found = report.safeParse(parse(output));
  if (!found.success) return { findings: [], output: `skipped: ${whyNot(output)}` };
  const findings = Object.entries(found.data.vulnerabilities).map(([name, hole]): Finding => ({
    place: name,
    message: `${hole.range}: ${hole.severity}, ${
      hole.fixAvailable ? "with a fix" : "without a fix"
    }; see npm audit`,
    warning: !["high", "critical"].includes(hole.severity),
  }));
  return { findings, output: "" };
}

function whyNot(output: string): string {
  const { data } = failure.safeParse(parse(output));
  if (data?.statusCode !== undefined) return `the registry does not answer audits (HTTP ${data.statusCode})`;
  return data === undefined ? "npm audit gave no report" : "the registry cannot be reached";
}

/** npm puts words of its own behind the JSON when something fails. */
function parse(output: string): unknown {
  const end = output.lastIndexOf("}");
  try {
    return JSON.parse(output.slice(0, end + 1));
  } catch {
    return null;
  }
}

function npm(args: string[]): Promise<string> {
  const child = spawn("npm", args, {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => output += chunk);
  return new Promise((done) => {
    child.once("error", () => done(""));
    child.once("close", () => done(output));
  });
}
