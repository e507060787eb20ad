// One page of a list, in the form in which the streams of every source return it.

/** An error that a source reports for one field of a record. Its path leads to the field. */
export type FieldError = { message: string; path: (string | number)[] | null };

/** Whose records a source gives: another account has other records under other ids. */
export type Account = { id: string; name: string | null };

export type Page = {
  nodes: unknown[];
  /** Each path begins with the index of a node. */
  errors: FieldError[];
  /** How many records there are in all, as far as the source has told. */
  totalCount: number;
  /** Where the next page begins. */
  endCursor: string | null;
  isLast: boolean;
  /** Of the first page that a call reads. Null or absent if the source does not tell. */
  account?: Account | null;
};
