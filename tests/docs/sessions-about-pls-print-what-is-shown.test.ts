import assert from "node:assert/strict";
import postgres from "postgres";
import { testDatabase } from "../fixtures/database.ts";
import { readDocument } from "./engine.ts";
import { playSessions } from "./sessions.ts";

Deno.test("every session of docs/pls.md prints what is shown", async () => {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await testDatabase());
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  stack.defer(() => sql.end({ timeout: 1 }));
  const document = await readDocument("pls.md");
  assert.equal(await playSessions(document, sql), document);
});
