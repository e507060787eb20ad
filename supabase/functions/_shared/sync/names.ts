// How a source is called.

export type Names = {
  /** As registered in the database. Error codes and settings begin with it: `depot_timeout`, `DEPOT_TIMEOUT_MS`. */
  name: string;
  /** As people read it in a sentence. */
  label: string;
};

/** How the names of the source's settings begin. */
export function prefixOf({ name }: Names): string {
  return `${name.toUpperCase()}_`;
}
