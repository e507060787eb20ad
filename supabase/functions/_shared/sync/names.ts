// What a source is called, by people and in what is named after it.

export type Names = {
  /** As it is registered in the database. Codes and settings begin with it: `depot_timeout`, `DEPOT_TIMEOUT_MS`. */
  name: string;
  /** For people, in the middle of a sentence. */
  label: string;
};

/** What the names of the source's settings begin with. */
export function prefixOf({ name }: Names): string {
  return `${name.toUpperCase()}_`;
}
