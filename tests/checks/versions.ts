import type { Check, Finding } from "./deno.ts";
import type { SourceFile } from "./files.ts";

interface Package {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** One version of each package, whether Deno or npm is asked; and each of them exact. */
export function versionsAgree(files: SourceFile[]): Check {
  const read = (wanted: string) => JSON.parse(files.find(({ path }) => path === wanted)?.text ?? "{}");
  const { dependencies, devDependencies } = read("package.json") as Package;
  const { imports = {} } = read("deno.json") as { imports?: Record<string, string> };
  const installed: Record<string, string> = { ...dependencies, ...devDependencies };
  const findings = Object.entries(imports).flatMap(([name, target]) => compare(name, target, installed));
  for (const [name, version] of Object.entries(installed)) {
    if (!/^\d/.test(version)) {
      findings.push({ place: "package.json", message: `${name} ${version} is not exact` });
    }
  }
  return { findings, output: "" };
}

function compare(name: string, target: string, installed: Record<string, string>): Finding[] {
  const [, wanted, version] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target) ?? [];
  if (wanted === undefined) return [];
  if (installed[wanted] === version) return [];
  const message = `${name} is ${wanted} ${version}, package.json has ${installed[wanted] ?? "none"}`;
  return [{ place: "deno.json", message }];
}
