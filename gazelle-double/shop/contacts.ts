import { dateTime, diceFor, type Fields, LAST_DAY, momentOf, recordId, type Shop } from "./shop.ts";
import { clientOfContact } from "./links.ts";
import { email, person, phone, place, postalCode, street } from "./names.ts";
import type { Dice } from "./random.ts";

/** Contact `index`; the first ones are the clients' default contacts. */
export function contact(shop: Shop, index: number): Fields {
  const dice = diceFor(shop, "contact", index);
  const { firstName, lastName } = name(dice);
  const created = momentOf(index, shop.counts.contact, dice.next());
  const isDefault = shop.contactsByClient.tierOf(index) === 0;
  return {
    id: recordId(shop, "contact", index),
    clientId: recordId(shop, "client", clientOfContact(shop, index)),
    firstName,
    lastName,
    middleName: null,
    title: dice.chance(0.1) ? dice.pick(["Mme", "M.", "Dr", "Me"]) : null,
    suffix: null,
    role: isDefault ? null : dice.pick(["Facturation", "Concierge", "Conjoint·e", "Régie", null]),
    archived: !isDefault && dice.chance(0.05),
    isDefault,
    isBillingDefault: isDefault,
    sortOrder: isDefault ? 1 : 2,
    wantsEmail: dice.chance(0.9),
    wantsPhone: dice.chance(0.6),
    wantsText: dice.chance(0.5),
    createdAt: dateTime(created),
    updatedAt: dateTime(created + Math.floor(dice.next() * (LAST_DAY - created))),
    ...reach(dice, firstName ?? "", lastName ?? ""),
  };
}

function name(dice: Dice): { firstName: string | null; lastName: string | null } {
  const { firstName, lastName } = person(dice);
  if (dice.chance(0.02)) return { firstName: null, lastName };
  if (dice.chance(0.01)) return { firstName, lastName: "" };
  return { firstName, lastName };
}

/** How to reach the contact. The links (defaultEmail, defaultPhone, defaultLocation) are made from these fields. */
function reach(dice: Dice, firstName: string, lastName: string): Record<string, unknown> {
  const where = place(dice);
  const hasPlace = dice.chance(0.94);
  return {
    email: dice.chance(0.88) ? email(dice, firstName, lastName) : null,
    phoneNumber: dice.chance(0.92) ? phone(dice) : dice.chance(0.2) ? "" : null,
    street1: hasPlace ? street(dice) : null,
    street2: hasPlace && dice.chance(0.2) ? `app. ${dice.between(1, 420)}` : "",
    municipality: hasPlace ? where.municipality : null,
    postalCode: hasPlace ? postalCode(dice, where.postalPrefix) : null,
  };
}
