import assert from "node:assert/strict";
import { remover } from "../../supabase/functions/_shared/sync/secrets.ts";
import { sender } from "../../supabase/functions/_shared/sync/requests.ts";

const key = "planted-api/key+of-the-shop";
const clean = remover([key, "short"]);

Deno.test("a secret is taken out in whatever notation it comes, and nothing else is", () => {
  const each = (write: (letter: string) => string) => Array.from(key, write).join("");
  const code = (letter: string) => letter.charCodeAt(0).toString(16);
  const written = [
    key,
    key.toUpperCase(),
    each((letter) => `\\u00${code(letter)}`),
    JSON.stringify(key).slice(1, -1).replace("/", "\\/"),
    JSON.stringify(key.replace("p", "\\u0070")).slice(1, -1),
    encodeURIComponent(key),
    encodeURIComponent(encodeURIComponent(key)),
    each((letter) => `%${code(letter)}`),
    each((letter) => `&#x${code(letter)};`),
    each((letter) => `&#${letter.charCodeAt(0)};`),
    each((letter) => `\\x${code(letter)}`),
    btoa(key),
    btoa(key).replaceAll("=", "%3D"),
  ];
  for (const text of written) assert.equal(clean(`"à ${text}"`), '"à [secret]"', text);
  assert.deepEqual(JSON.parse(clean(JSON.stringify({ [key]: `\\${key}\n` }))), {
    "[secret]": "\\[secret]\n",
  });
  for (const text of ["", "short", key.slice(1), 'C:\\n "100%" &#112; \\u0070', "planted-api"]) {
    assert.equal(clean(text), text);
  }
});

Deno.test("a text made to be slow is cleaned as fast as it is long", () => {
  const from = performance.now();
  for (const sign of ["\\", "%25", "0", "&#x0", "planted-", "\\u0070lanted-"]) clean(sign.repeat(100_000));
  assert.ok(performance.now() - from < 5_000);
});

Deno.test("what a server says in a redirect or breaks off with is cleaned, too", async () => {
  const said = async (answer: () => Promise<Response>) => {
    const send = sender({ name: "depot", label: "Depot" }, answer as typeof fetch, 1_000);
    const thrown = await send({ url: "https://depot.example/", setting: "DEPOT_URL" }, {}, [key]).catch((
      error,
    ) => error);
    return thrown.details;
  };
  const to = (location: string) => () =>
    Promise.resolve(new Response(null, { status: 302, headers: { location } }));
  assert.equal(await said(to(`/in/${key}/on`)), "to https://depot.example/in/[secret]/on");
  assert.equal(await said(to(`/%70${key.slice(1)}`)), "to https://depot.example/[secret]");
  assert.equal(await said(to(`https://x.example/?key=${key}#${key}`)), "to https://x.example/");
  assert.equal(
    await said(() => Promise.reject(new TypeError(`'${key}' is no header`))),
    "'[secret]' is no header",
  );
});
