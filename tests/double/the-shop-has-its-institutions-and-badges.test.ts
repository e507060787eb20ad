import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { plsFromNotes } from "../../gazelle-double/shop/pls.ts";
import { double, readAll } from "./client.ts";

const INSTITUTIONS = {
  cli_9UMLkteep8EsISbG: ["École Vincent-d'Indy", 121],
  cli_HbEwl9rN11pSuDEU: ["Place des Arts", 16],
  cli_sos6RK8t4htOApiM: ["UQAM, Pierre-Péladeau", 4],
  cli_UVMjT9g1b1wDkRHr: ["SMCQ", 0],
  cli_xkMYNQrSX7T7E1q0: ["Fondation Vincent-d'Indy", 0],
};

Deno.test("the five institutions have their names, ids and 141 pianos", async () => {
  await using gazelle = await double({ seed: 4 });
  const clients = (await readAll(gazelle, "allClients", "id companyName tags")).records;
  const pianos = (await readAll(gazelle, "allPianos", "location client { id }")).records;
  const found = Object.fromEntries(
    clients.filter(({ id }) => id in INSTITUTIONS).map(({ id, companyName }) => [
      id,
      [companyName, pianos.filter(({ client }) => client.id === id).length],
    ]),
  );
  deepStrictEqual(found, INSTITUTIONS);
  ok(pianos.some(({ location }) => location === "Salle Wilfrid-Pelletier, scène"));
  ok(clients.every(({ tags }) => !tags.includes("institutional")), "Gazelle knows no institutional tag");
  ok(clients.filter(({ tags }) => tags.length > 0).length > 50);
});

Deno.test("340 pianos have a PLS that the notes alone tell of", async () => {
  await using gazelle = await double();
  const known = [...plsFromNotes(gazelle.shop)];
  strictEqual(new Set(known).size, 340);
  const pianos = (await readAll(gazelle, "allPianos", "id damppChaserInstalled")).records;
  const flags = pianos.filter(({ id }) => known.includes(id)).map((piano) => piano.damppChaserInstalled);
  deepStrictEqual([...new Set(flags)].sort(), [false, null]);
  const upstream = pianos.filter((piano) => piano.damppChaserInstalled === true).map(({ id }) => id);
  strictEqual(upstream.length, 96);

  const told = await pianosTold(gazelle, INSTALLED);
  deepStrictEqual(known.filter((id) => !told.has(id)), [], "each of them has a note that tells");
  const removed = await pianosTold(gazelle, /retiré|enlevé|absent|Removed the old/);
  const others = [...told].filter((id) => !known.includes(id) && !upstream.includes(id) && !removed.has(id));
  deepStrictEqual(others, [], "nobody else's notes tell of a system that stayed");
  strictEqual(known.filter((id) => removed.has(id)).length, 0);
  strictEqual(removed.size, 24);
});

Deno.test("notes hold quotes, readings and 'pls' for 'please' on pianos without a system", async () => {
  await using gazelle = await double();
  const known = new Set(plsFromNotes(gazelle.shop));
  for (const noise of [/recommandé|Proposé|quote/i, /\d+C, \d+%/, /\bpls\b/, /humidité/]) {
    const outside = [...await pianosTold(gazelle, noise)].filter((id) => !known.has(id));
    ok(outside.length > 30, `${noise}: ${outside.length}`);
  }
});

/** What an installed system looks like in a service note, without the wordings of offers and removals. */
const INSTALLED = new RegExp(
  "buvards|\\bpads\\b|humidtreat|mèche|gaine|doublure|bouteille|life saver (system checked|déconnecté|:)|" +
    "Life Saver System \\(2|PLS (installé|fonctionne|débranché)|entretien pls|dampp? ?-?chaser (installé sous|en bon|system OK|" +
    "unplugged)|damp chaser, tout|système d['’]humidité (installé|éteint|maintient|débranché)|Piano Life Saver : ",
  "i",
);

interface Entry {
  summary: string | null;
  comment: string | null;
  piano: { id: string };
}

async function pianosTold(
  server: { url: string; accessToken: string },
  wording: RegExp,
): Promise<Set<string>> {
  const types = "[SERVICE_ENTRY_MANUAL, SERVICE_ENTRY_AUTOMATED, USER_COMMENT, PIANO_MEASUREMENT]";
  const args = `, types: ${types}`;
  const { records } = await readAll<Entry>(server, "allTimelineEntries", "summary comment piano { id }", {
    args,
  });
  const telling = records.filter(({ summary, comment }) =>
    wording.test(`${summary ?? ""}\n${comment ?? ""}`)
  );
  return new Set(telling.map(({ piano }) => piano.id));
}
