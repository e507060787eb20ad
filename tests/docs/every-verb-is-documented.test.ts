import assert from "node:assert/strict";
import { etiquette } from "../cli/etiquette.ts";
import { readDocument } from "./engine.ts";

async function help(...words: string[]): Promise<string> {
  const run = etiquette(["help", ...words]);
  assert.equal(await run.ended, 0, run.output());
  return run.printed();
}

Deno.test("every verb has its section in docs/command-line.md, and takes --json", async () => {
  const listed = [...(await help()).matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name!);
  const verbs = listed.filter((name) => name !== "help");
  assert.ok(verbs.length > 15);
  const document = await readDocument("command-line.md");
  const heads = [...document.matchAll(/^## (.*)$/gm)].flatMap(([, head]) => head!.split(", "));
  assert.deepEqual(verbs.filter((name) => !heads.includes(name)), []);
  for (const verb of verbs) assert.match(await help(verb), /--json +print one /, verb);
});
