import { refuse } from "./refusal.ts";

export interface PageArguments {
  after?: string | null;
  before?: string | null;
  first?: number | null;
  last?: number | null;
}

export interface Page {
  /** The positions from `from` to `to`, without `to`. */
  from: number;
  to: number;
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

export const LARGEST_PAGE = 500;
export const DEFAULT_PAGE = 100;

/** Relay's algorithm. Cursors are positions, so the pages shift if the list changes between two requests. */
export function pageOf(length: number, page: PageArguments): Page {
  refuseSize("first", page.first);
  refuseSize("last", page.last);
  let from = page.after ? Math.min(positionOf("after", page.after) + 1, length) : 0;
  let to = page.before ? Math.max(Math.min(positionOf("before", page.before), length), from) : length;
  if (typeof page.first === "number") to = Math.min(to, from + page.first);
  if (typeof page.last === "number") from = Math.max(from, to - page.last);
  if (typeof page.first !== "number" && typeof page.last !== "number") to = Math.min(to, from + DEFAULT_PAGE);
  return { from, to, hasNextPage: to < length, hasPreviousPage: from > 0 };
}

/** The number of the page, from 1, when reading forwards. Null when reading backwards from a cursor. */
export function pageNumber(page: PageArguments): number | null {
  if (page.before) return null;
  if (!page.after) return 1;
  return Math.floor((positionOf("after", page.after) + 1) / (page.first || DEFAULT_PAGE)) + 1;
}

export function cursorOf(position: number): string {
  return btoa(String(position + 1)).replace(/=+$/, "");
}

function positionOf(argument: string, cursor: string): number {
  const text = decode(cursor);
  if (text !== null && /^[1-9][0-9]{0,9}$/.test(text)) return Number(text) - 1;
  throw refuse(
    "invalidCursor",
    `Invalid cursor ${JSON.stringify(cursor.slice(0, 80))} in \`${argument}\``,
    "Send a cursor of this connection, as it came in `pageInfo` or `edges`.",
  );
}

function decode(cursor: string): string | null {
  try {
    return atob(cursor);
  } catch {
    return null;
  }
}

function refuseSize(argument: string, size: number | null | undefined): void {
  if (typeof size !== "number" || (size >= 0 && size <= LARGEST_PAGE)) return;
  throw refuse(
    "pageSizeOutOfRange",
    `\`${argument}: ${size}\` is out of range`,
    `Ask for 0 to ${LARGEST_PAGE} records a page; 100 is safe.`,
  );
}
