import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { wrongUrl } from "../../supabase/functions/_shared/urls.ts";
import { connect, unconnected } from "../fixtures/connecting.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

const never = [
  "file:///etc/passwd",
  "ftp://gazelleapp.io/",
  "gopher://gazelleapp.io/",
  "javascript:alert(1)",
  "data:text/plain,x",
  "//gazelleapp.io/graphql",
  "http://gazelleapp.io/graphql/private/",
  "https://user:password@gazelleapp.io/",
  "http://169.254.169.254/latest/meta-data/",
  "https://169.254.169.254/",
  "https://[fe80::1]/",
  "https://[fd00:ec2::254]/",
  "https://metadata.google.internal/",
];

const onlyLocally = [
  "https://localhost/",
  "https://LOCALHOST./",
  "http://127.0.0.1:54329/graphql/private/",
  "https://127.1/",
  "https://2130706433/",
  "https://0x7f.0.0.1/",
  "https://0177.0.0.1/",
  "https://0.0.0.0/",
  "https://10.1.2.3/",
  "https://172.31.255.255/",
  "https://192.168.1.1/",
  "https://100.64.0.1/",
  "https://[::1]/",
  "https://[::]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[2002:7f00:1::]/",
  "https://[fd12::1]/",
  "https://db.internal/",
  "https://printer.local/",
  "http://kong:8000/",
];

const fine = [
  "https://gazelleapp.io/graphql/private/",
  "https://hooks.slack.com/services/T/B/x",
  "https://172.32.0.1/",
  "https://8.8.8.8/",
  "https://[2606:4700::1111]/",
];

Deno.test("an address is https, in the world's network, and without a password", () => {
  for (const url of never) for (const local of [true, false]) assert.ok(wrongUrl(url, local), url);
  for (const url of onlyLocally) {
    assert.ok(wrongUrl(url, false), url);
    assert.equal(wrongUrl(url, true), null, url);
  }
  for (const url of fine) for (const local of [true, false]) assert.equal(wrongUrl(url, local), null, url);
});

Deno.test("a redirect is not followed, and who is redirected to hears nothing", async (test) => {
  await using elsewhere = await listener((response) => response.end("{}"));
  await using gazelle = await listener((response) =>
    response.writeHead(307, { location: `${elsewhere.url}/graphql?key=x` }).end()
  );

  await test.step("from the API", async () => {
    await using platform = await smallShop({
      GAZELLE_GRAPHQL_URL: gazelle.url,
      GAZELLE_API_KEY: "a-key-of-the-shop",
    });
    const { status, body } = await sync(platform, "clients");
    assert.deepEqual([status, body.error?.code], [502, "gazelle_refused"]);
    assert.match(body.error?.message ?? "", /sends us elsewhere \(HTTP 307\)/);
    assert.equal(body.error?.details, `to ${elsewhere.url}/graphql`);
  });

  await test.step("from the token endpoint, with a secret in the body", async () => {
    await using platform = await unconnected({ GAZELLE_TOKEN_URL: gazelle.url });
    const { status, text } = await connect(platform);
    assert.equal(status, 502);
    assert.match(text, /sends us elsewhere.*\(gazelle_refused\)/);
  });

  await test.step("from the webhook", async () => {
    await using platform = await smallShop({ GAZELLE_GRAPHQL_URL: gazelle.url });
    await platform.sql`select vault.create_secret(${gazelle.url}, 'alert_webhook_url')`;
    await sync(platform, "clients");
    assert.match(await functionLog(platform), /"the webhook for alerts answered 307"/);
  });

  assert.ok(gazelle.requests > 2);
  assert.equal(elsewhere.requests, 0);
});

Deno.test("the webhook: a bad address is not called, and the log has what is wrong with it, but not the address", async () => {
  await using platform = await smallShop({ GAZELLE_PAGE_SIZE: "0" });
  const { sql } = platform;
  await sql`select vault.create_secret('none yet', 'alert_webhook_url')`;
  const cases: [string, RegExp][] = [
    ["file:///etc/planted-webhook", /webhook for alerts must be an https URL/],
    ["http://169.254.169.254/planted-webhook", /webhook for alerts must not lead to a link-local address/],
    ["http://127.0.0.1:2/planted-webhook", /webhook for alerts cannot be reached/],
  ];
  for (const [address, said] of cases) {
    await sql`select vault.update_secret(id, ${address}) from vault.secrets where name = 'alert_webhook_url'`;
    await sync(platform, "clients");
    const log = await functionLog(platform);
    assert.match(log, said);
    assert.ok(!log.includes("planted-webhook"), log);
  }
});

function functionLog({ folder }: { folder: string }): Promise<string> {
  return readFile(`${folder}/log/functions.log`, "utf8");
}

async function listener(answer: (response: ServerResponse) => void) {
  const found = { url: "", requests: 0 };
  const server = createServer((_, response) => {
    found.requests++;
    answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  found.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return Object.assign(found, { [Symbol.asyncDispose]: close });
}
