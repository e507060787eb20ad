// docs/deploy.md once more, with the real CLI for what it can do without the hosted platform: its own help, `db push` and
// `db query`. The rest of the guide is played as in tests/docs.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { supabase } from "../checks/supabase-cli.ts";
import { arrive, reachSchedule } from "../docs/deploying.ts";
import { readDocument } from "../docs/engine.ts";
import { known } from "../docs/supabase-commands.ts";

Deno.test("each command that the guide may name is one of the real CLI, and takes the words and flags", async () => {
  const folder = await mkdtemp(`${tmpdir()}/etiquette-help-`);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  for (const [name, { flags, words: [, most] }] of Object.entries(known)) {
    const help = await supabase([...name.split(" "), "--help"], folder);
    const [, usage = "none"] = new RegExp(`^ +supabase ${name}(.*)$`, "m").exec(help) ?? [];
    assert.ok(usage.includes("[flags]") && (most === 0 || usage.includes("<")), `${name}: ${usage}`);
    assert.deepEqual(flags.filter((flag) => !takenBy(help).includes(flag)), [], `${name} takes these not`);
  }
});

/** `name`, `name=` with a value, `name[=]` where the value may be left out. */
function takenBy(help: string): string[] {
  const lines = help.matchAll(/^ +--([\w-]+)(?:, -\w)?(\[=| [\w<])?/gm);
  return [...lines].map(([, name, value]) =>
    name + (value === undefined ? "" : value === "[=" ? "[=]" : "=")
  );
}

Deno.test("docs/deploy.md, with what the real CLI pushes and asks: a run that the schedule started", async () => {
  const [forth = ""] = (await readDocument("deploy.md")).split(/(?=^## The way back$)/m);
  const asked: string[] = [];
  await using reader = await arrive((args, input, folder) => {
    asked.push(args.slice(0, 2).join(" "));
    return supabase(args, folder, input);
  });
  await reachSchedule(reader, forth);
  // The last one is that of a later version.
  assert.deepEqual(asked, ["db push", "db query", "db query", "db push"]);
});
