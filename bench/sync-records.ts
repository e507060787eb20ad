// Clients as Gazelle answers them, made from their number. Making them is cheap, because it counts for every contender.

import type { Page } from "../supabase/functions/_shared/sync/page.ts";

/**
 * What a client's fields hold: the values of the first load, the same with an edited note (`edited`) or with another city
 * besides (`changed`), or nothing.
 */
export type Version = "loaded" | "edited" | "changed" | "blank";

export const pageSize = 100;

/** The page of a full read that follows `cursor`. Client `index` has the version that `versionOf` tells. */
export function pageAfter(cursor: string | null, total: number, versionOf: (index: number) => Version): Page {
  const from = cursor === null ? 0 : Number(cursor);
  const size = Math.min(pageSize, total - from);
  const nodes = Array.from({ length: size }, (_, k) => client(from + k, versionOf(from + k)));
  const end = from + size;
  return { nodes, errors: [], totalCount: total, endCursor: String(end), isLast: end >= total };
}

const cities = ["Montréal", "Laval", "Québec", "Saint-Jérôme"];
const tags = [[], ["Concert"], ["École", "Facture papier"]];
const filler = "Entrée par la ruelle, sonner deux fois; chien gentil. ";

function client(index: number, version: Version): Record<string, unknown> {
  const number = String(index * 7919 % 1_000_000_007).padStart(16, "0");
  if (version === "blank") return blank(number);
  const edit = version === "loaded" ? "" : version;
  return {
    id: `cli_${number}`,
    companyName: index % 6 === 0 ? `Studio ${index}` : null,
    status: index % 9 === 0 ? "INACTIVE" : "ACTIVE",
    personalNotes: filler.repeat(2) + index + edit,
    preferenceNotes: index % 5 === 0 ? `Le matin, porte ${index}` : "",
    tags: tags[index % 3],
    createdAt: "2019-03-04T18:40:47Z",
    updatedAt: version === "loaded" ? "2025-07-16T18:10:57Z" : "2026-01-18T09:00:00Z",
    localization: { locale: index % 4 === 0 ? "en_CA" : "fr_CA" },
    defaultContact: {
      firstName: `Prénom ${index % 1000}`,
      lastName: `Nom ${index}`,
      defaultEmail: { email: `client.${index}@example.org` },
      defaultPhone: { phoneNumber: `514 555-${number.slice(-4)}` },
      defaultLocation: {
        municipality: version === "changed" ? "Longueuil" : cities[index % 4],
        postalCode: "H2X 1Y4",
      },
    },
  };
}

function blank(number: string): Record<string, unknown> {
  return {
    id: `cli_${number}`,
    companyName: "",
    status: null,
    personalNotes: "",
    preferenceNotes: "",
    tags: [],
    createdAt: null,
    updatedAt: null,
    localization: null,
    defaultContact: null,
  };
}
