import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { postAlerts } from "../../supabase/functions/_shared/sync/alerts.ts";
import { begin, consent, open, unconnected } from "../fixtures/connecting.ts";

Deno.test("in an alert what Gazelle said is no link and calls nobody", async () => {
  const alert = {
    id: 1,
    source: "Gazelle",
    stream: "clients",
    kind: "run_failed",
    run_id: 7,
    message: "Gazelle refused the query",
    details: "<!channel> <https://elsewhere.example|Sign in> & &lt;",
    hint: null,
    link: "https://shop.example/runs/7",
  };
  const answers = [{ webhook_url: "https://hooks.example/x", alerts: [alert] }, null];
  const database = { rpc: () => Promise.resolve({ data: answers.shift(), error: null }) };
  const posted: string[] = [];
  const send = (_: unknown, request?: RequestInit) => {
    posted.push(JSON.parse(String(request?.body)).text);
    return Promise.resolve(new Response("ok"));
  };
  await postAlerts(database, send as typeof fetch, false);
  assert.deepEqual(posted, [
    "*clients: run_failed* (<https://shop.example/runs/7|run 7>)\nGazelle refused the query\n" +
    "&lt;!channel&gt; &lt;https://elsewhere.example|Sign in&gt; &amp; &amp;lt;",
  ]);
});

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
