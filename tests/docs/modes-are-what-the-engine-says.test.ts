import assert from "node:assert/strict";
import { testDatabase } from "../fixtures/database.ts";
import { readDocument } from "./engine.ts";

interface Mode {
  mode: string;
  default_for: string | null;
  merges: boolean;
  lower_rank: string;
  blank: string;
}

const head = "| mode | a write by a lower rank | a blank by anybody but a person |\n|---|---|---|\n";

Deno.test("docs/ownership.md has the modes of the engine, in its words, and a section for each that takes whole values", async () => {
  await using database = await testDatabase();
  const modes = await database.sql<
    Mode[]
  >`select mode, default_for, merges, lower_rank, blank from ownership.modes()`;
  const rows = modes.map(({ mode, default_for, lower_rank, blank }) =>
    `| \`${mode}\`${
      default_for === null ? "" : `, the default for ${default_for}`
    } | ${lower_rank} | ${blank} |\n`
  );
  const document = await readDocument("ownership.md");
  const [, table = ""] = document.split(head);
  assert.equal(table.slice(0, table.indexOf("\n\n") + 1), rows.join(""));
  for (const { mode } of modes.filter(({ merges }) => !merges)) {
    assert.match(document, new RegExp(`^### ${mode}$`, "m"));
  }
});
