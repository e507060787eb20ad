// What the tests of connect-gazelle share: a platform with a client's id and secret alone, and a person's way to Gazelle.

import type { TestPlatform } from "../fixtures/platform.ts";
import { smallShop } from "./syncing.ts";

/** Nothing but what tells Gazelle which application asks. */
export function unconnected(environment: Record<string, string> = {}): Promise<TestPlatform> {
  return smallShop({ GAZELLE_REFRESH_TOKEN: "", GAZELLE_ACCESS_TOKEN: "", ...environment });
}

export type Begun = { id: number; url: string; expires_at: string };

export async function begin(platform: TestPlatform): Promise<Begun> {
  const response = await fetch(`${platform.url}/functions/v1/connect-gazelle`, {
    method: "POST",
    headers: { apikey: platform.secretKey },
  });
  if (!response.ok) throw new Error(`connect-gazelle answered ${response.status}: ${await response.text()}`);
  return await response.json();
}

/** Opens the address as a browser does, up to where Gazelle sends it back to. */
export async function consent({ url }: Pick<Begun, "url">): Promise<URL> {
  const response = await fetch(url, { redirect: "manual" });
  await response.body?.cancel();
  return new URL(response.headers.get("location") ?? "");
}

export type Page = { status: number; text: string; headers: Headers };

export async function open(url: URL | string): Promise<Page> {
  const response = await fetch(url, { redirect: "manual" });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

export async function connect(platform: TestPlatform): Promise<Page> {
  return await open(await consent(await begin(platform)));
}

export async function status({ sql }: TestPlatform) {
  const [found] = await sql`select sync_token_status() as status`;
  return found?.status;
}

export async function tokensInVault({ sql }: TestPlatform): Promise<Record<string, string>> {
  const rows = await sql<{ name: string; secret: string }[]>`
    select name, decrypted_secret as secret from vault.decrypted_secrets where name like 'gazelle%'`;
  return Object.fromEntries(rows.map(({ name, secret }) => [name, secret]));
}
