import { notStrictEqual, ok, strictEqual } from "node:assert";
import { double, post } from "./client.ts";

const QUERY = `{
  allClients(first: 40) { totalCount edges { cursor node { id companyName personalNotes tags createdAt
    defaultContact { id firstName lastName defaultEmail { email } } } } }
  allPianos(first: 40) { nodes { id make model serialNumber notes damppChaserInstalled client { id } } }
  allEventsBatched(first: 40) { nodes { id start title status client { id } user { id } } }
  allTimelineEntries(first: 200) { nodes { id type summary comment occurredAt client { id } piano { id } } }
}`;

Deno.test("the same seed gives the same bytes", async () => {
  strictEqual(await bytes(7), await bytes(7));
});

Deno.test("another seed gives another shop", async () => {
  const [one, other] = [JSON.parse(await bytes(7)).data, JSON.parse(await bytes(8)).data];
  for (const list of ["allClients", "allPianos", "allEventsBatched", "allTimelineEntries"]) {
    notStrictEqual(JSON.stringify(one[list]), JSON.stringify(other[list]), list);
  }
  const ids = ({ allClients }: Shop) => new Set(allClients.edges.map(({ node }) => node.id));
  ok(ids(one).isDisjointFrom(ids(other)), "ids too, but for the institutions' own");
  strictEqual(one.allClients.totalCount, other.allClients.totalCount);
});

interface Shop {
  allClients: { edges: { node: { id: string } }[] };
}

async function bytes(seed: number): Promise<string> {
  await using gazelle = await double({ seed });
  const answer = await post(gazelle, QUERY);
  return await answer.text();
}
