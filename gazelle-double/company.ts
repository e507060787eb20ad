import { idOf } from "./shop/ids.ts";
import { mix } from "./shop/random.ts";
import type { Shop } from "./shop/shop.ts";

/** The company of the shop of its real size. */
export const COMPANY = {
  id: "com_aT4nCk7Qw0ZxLm2R",
  name: "Accord & Réglage Montréal",
  email: "bureau@accord.example",
  digits: "5145550142",
  website: "https://accord.example",
  street1: "4210, rue Saint-Denis",
  street2: null,
  address1: "4210, rue Saint-Denis",
  city: "Montréal",
  municipality: "Montréal",
  region: "QC",
  state: "QC",
  postalCode: "H2J 2K8",
  countryCode: "CA",
  countryName: "Canada",
  createdAt: "2014-03-03T13:00:00Z",
  areAllRemindersPaused: false,
  gazelleStripeTransactionFee: 0,
  isGdprRequired: false,
  isOverBillablePianoLimit: false,
  isParked: false,
  isSmartRoutesEnabled: true,
  parkedReason: "NOT_PARKED",
  subscriptionLevel: 3,
  supportedStripePaymentMethods: ["CARD"],
};

/** Shops of another seed or size have other records, so they are other companies. */
export function companyOf({ seed, scale }: Shop): typeof COMPANY {
  if (seed === 1 && scale === 1) return COMPANY;
  const id = idOf("com", mix(seed, Math.round(scale * 1000)), 1);
  return { ...COMPANY, id, name: `${COMPANY.name}, size ${scale}` };
}

/** A third of the shop's clients are written to in English. */
export function localization(id: string): Record<string, unknown> {
  const isEnglish = id !== "default" && id.charCodeAt(id.length - 1) % 3 === 0;
  const locale = isEnglish ? "en_CA" : "fr_CA";
  return {
    id: isEnglish ? "loc_mE7nGl1sHc4nAd4x" : "loc_fR4nC4iSqU3b3cXq",
    locale,
    dateFormatLocale: locale,
    timeFormatLocale: locale,
    currencyFormat: isEnglish ? "BEFORE" : "AFTER",
    numberFormat: isEnglish ? "COMMA_DECIMAL_THREE" : "SPACE_COMMA_THREE",
    firstDayOfWeek: "SUN",
    isClientDefault: !isEnglish,
    isUserDefault: !isEnglish,
    createdAt: "2014-03-03T13:00:00Z",
    updatedAt: "2014-03-03T13:00:00Z",
  };
}
