import type { Fields } from "./shop/shop.ts";

// A contact's e-mail, phone and address as the linked records that Gazelle makes of them.

export function email(contact: Fields): Record<string, unknown> | null {
  if (contact.email === null || contact.email === undefined) return null;
  return { id: linkedId("eml", contact), email: contact.email, emailMd5: null, isDefault: true };
}

export function phone(contact: Fields): Fields | null {
  if (contact.phoneNumber === null || contact.phoneNumber === undefined) return null;
  return {
    id: linkedId("pho", contact),
    digits: contact.phoneNumber,
    type: "PRIMARY",
    confirmedClass: "UNKNOWN",
    extension: "",
    isDefault: true,
    createdAt: contact.createdAt,
    updatedAt: contact.updatedAt,
  };
}

export function location(contact: Fields): Record<string, unknown> | null {
  if (!contact.municipality && !contact.postalCode && !contact.street1) return null;
  return {
    id: linkedId("loc", contact),
    street1: contact.street1,
    street2: contact.street2,
    municipality: contact.municipality,
    region: "QC",
    postalCode: contact.postalCode,
    countryCode: "CA",
    locationType: "ADDRESS",
    usageType: "STREET",
    geocodeType: "ROOFTOP",
    isBadAddress: false,
    createdAt: contact.createdAt,
    updatedAt: contact.updatedAt,
  };
}

/** A number of ten digits in the form that is asked for. Any other number stays as it was typed. */
export function phoneNumber({ digits }: { digits?: string }, { format }: { format?: string }): string | null {
  const parts = /^(\d{3})(\d{3})(\d{4})$/.exec(digits ?? "");
  if (!parts) return digits ?? null;
  const [, area, exchange, line] = parts;
  if (format === "E164") return `+1${digits}`;
  if (format === "INTERNATIONAL") return `+1 ${area}-${exchange}-${line}`;
  return `(${area}) ${exchange}-${line}`;
}

function linkedId(prefix: string, contact: Fields): string {
  return `${prefix}_${contact.id.slice(4)}`;
}
