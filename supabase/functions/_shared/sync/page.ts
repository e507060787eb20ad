// A page of a list, as any source's stream hands it over.

/** What a source could not tell of a record. */
export type FieldError = { message: string; path: (string | number)[] | null };

export type Page = {
  nodes: unknown[];
  /** Their paths begin at a node's index in the page. */
  errors: FieldError[];
  /** How many records there are, as far as the source has told yet. */
  totalCount: number;
  /** Where the next page begins. */
  endCursor: string | null;
  isLast: boolean;
};
