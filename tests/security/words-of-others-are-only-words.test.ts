import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { begin, consent, open, unconnected } from "../fixtures/connecting.ts";

Deno.test("on the page of a connection, and in the log, what an address says stays on its line", async () => {
  await using platform = await unconnected();
  const back = await consent(await begin(platform));
  back.searchParams.set("error", "access_denied\n\nGazelle is connected.\u202e<script>");
  back.searchParams.set("error_description", "x".repeat(5_000));
  const { text, headers } = await open(back);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  const [, , details = ""] = text.split("\n");
  assert.match(details, /^access_denied\?\?Gazelle is connected\.\?<script>: x+$/);
  assert.equal(details.length, 200);
  const log = (await readFile(`${platform.folder}/log/functions.log`, "utf8")).trim().split("\n");
  assert.deepEqual(log.map((line) => JSON.parse(line).code), ["consent_denied"]);
});
