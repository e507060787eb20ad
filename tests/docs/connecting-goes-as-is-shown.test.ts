import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { readConnectSettings } from "../../supabase/functions/_shared/gazelle/settings.ts";
import { type Begun, consent, open, unconnected } from "../fixtures/connecting.ts";
import { readDocument } from "./engine.ts";
import { playSessions } from "./sessions.ts";

const document = await readDocument("connect.md");

Deno.test("docs/connect.md: the request begins a connection, and the statements print what is shown", async () => {
  await using platform = await unconnected();
  const [, path = "", header = ""] =
    /^curl -X POST "\$SUPABASE_URL(\S+)" -H "(\w+): \$SECRET_KEY"$/m.exec(document) ?? [];
  const response = await fetch(platform.url + path, {
    method: "POST",
    headers: { [header]: platform.secretKey },
  });
  assert.equal((await open(await consent(await response.json() as Begun))).status, 200);
  const reserved = await platform.sql.reserve();
  const played = await playSessions(document, reserved);
  reserved.release();
  if (process.env["UPDATE_DOCS"] !== undefined) {
    await writeFile(new URL("../../docs/connect.md", import.meta.url), played);
  }
  assert.equal(played, document);
});

Deno.test("docs/connect.md: the redirect URL to register is the one that is sent", () => {
  const { redirectUrl } = readConnectSettings({
    SUPABASE_URL: "https://project.supabase.co",
    GAZELLE_CLIENT_ID: "shop",
    GAZELLE_CLIENT_SECRET: "a-long-secret",
  });
  assert.ok(document.includes(`\n${redirectUrl.replace("project", "<project>")}\n`), redirectUrl);
});
