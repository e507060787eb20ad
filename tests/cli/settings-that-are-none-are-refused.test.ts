import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { gazelleEnvironment } from "../../cli/source.ts";
import { asProblem } from "../../supabase/functions/_shared/problem.ts";
import { readSettings } from "../../supabase/functions/_shared/gazelle/settings.ts";
import { dataFolder } from "./etiquette.ts";

Deno.test("a .env from which the demo would be started unasked is refused, with the right name", async (test) => {
  await using folder = await dataFolder();
  const file = `${folder.path}/.env`;
  const refused = async (text: string | Uint8Array) => {
    await writeFile(file, text);
    const thrown = await gazelleEnvironment(file).catch(asProblem);
    assert.equal(thrown.code, "settings_invalid");
    assert.match(thrown.hint ?? "", /Without credentials npm start reads the demo's double of Gazelle\.$/);
    return thrown.details;
  };
  const wrong: [text: string, details: string][] = [
    ["GAZELLE_APIKEY=a-long-key", "GAZELLE_APIKEY is no setting, the nearest is GAZELLE_API_KEY"],
    ["GAZELLE_APIKEY=", "GAZELLE_APIKEY is no setting, the nearest is GAZELLE_API_KEY"],
    ["gazelle_api_key=a-long-key", "gazelle_api_key is no setting, the nearest is GAZELLE_API_KEY"],
    ["GAZELE_API_KEY=a-long-key", "GAZELE_API_KEY is no setting, the nearest is GAZELLE_API_KEY"],
    ["GAZELLE_TOKEN=x", "GAZELLE_TOKEN is no setting, the nearest is GAZELLE_TOKEN_URL"],
    ["GAZELLE_REFRESH=x", "GAZELLE_REFRESH is no setting, the nearest is GAZELLE_REFRESH_TOKEN"],
    ["GAZELLE_API_KEY=", `GAZELLE_API_KEY is empty in ${file}`],
    ["GAZELLE_API_KEY='  '\nGAZELLE_PAGE_SIZE=50", `GAZELLE_API_KEY is empty in ${file}`],
    [
      "GAZELLE_PAGESIZE=50\nGAZELLE_CLIENT_ID=\nGAZELLE_CLIENT_SECRET=",
      "GAZELLE_PAGESIZE is no setting, the nearest is GAZELLE_PAGE_SIZE\n" +
      `GAZELLE_CLIENT_ID is empty in ${file}\nGAZELLE_CLIENT_SECRET is empty in ${file}`,
    ],
  ];
  for (const [text, details] of wrong) {
    await test.step(JSON.stringify(text), async () => assert.equal(await refused(text), details));
  }
  await test.step("a file that is none, and one in UTF-16", async () => {
    const utf16 = new Uint8Array(
      new Uint16Array(Array.from("\ufeffGAZELLE_API_KEY=k", (c) => c.charCodeAt(0))).buffer,
    );
    assert.equal(await refused(utf16), `${file} is no text in UTF-8`);
    await mkdir(`${folder.path}/folder`);
    const thrown = await gazelleEnvironment(`${folder.path}/folder`).catch(asProblem);
    assert.match(thrown.details ?? "", /folder cannot be read: /);
  });
  await test.step("no file, no line, others' lines and the right names pass", async () => {
    assert.deepEqual(await gazelleEnvironment(`${folder.path}/none`), {});
    await writeFile(file, "# GAZELLE_APIKEY=\nDATABASE_URL=postgres://x\nAPI_KEY=\n");
    assert.deepEqual(await gazelleEnvironment(file), {});
    await writeFile(file, "\ufeffGAZELLE_API_KEY=a-long-key\nGAZELLE_CLIENT_ID=\nGAZELLE_PKCE=off\n");
    assert.deepEqual(await gazelleEnvironment(file), { GAZELLE_API_KEY: "a-long-key", GAZELLE_PKCE: "off" });
  });
});

Deno.test("functions without credentials name what looks like them, and leave an application's variables alone", () => {
  const application = { GAZELLE_WEBHOOK_SECRET: "theirs" };
  assert.equal(readSettings({ ...application, GAZELLE_API_KEY: "a-long-key" }).credentials.kind, "api_key");
  assert.throws(() => readSettings({ GAZELLE_APIKEY: "a-long-key" }), ({ details }: { details: string }) => {
    assert.match(
      details,
      /^GAZELLE_CLIENT_ID is missing .*GAZELLE_APIKEY is no setting, the nearest is GAZELLE_API_KEY$/s,
    );
    return true;
  });
});
