import type { Fields, Kind } from "./shop/shop.ts";
import { listOf, type Overlay, recordAt } from "./overlay.ts";
import { cursorOf, type PageArguments, pageOf } from "./paging.ts";
import { select, type Selection } from "./selection.ts";
import { spoil } from "./field-errors.ts";
import type { FieldErrorFault } from "./orders.ts";

/** What the resolvers know of the request. */
export interface GazelleContext {
  overlay: Overlay;
  /** The share of the clients that this request sees; null sees all. */
  share: number | null;
  fieldErrors: readonly FieldErrorFault[];
}

export function connection(context: GazelleContext, selection: Selection, page: PageArguments): unknown {
  const { overlay, share } = context;
  const view = select(overlay, { ...selection, share: selection.kind === "contact" ? null : share });
  const { from, to, hasNextPage, hasPreviousPage } = pageOf(view.length, page);
  const nodeAt = (position: number) =>
    withErrors(
      recordAt(overlay, selection.kind, view.at(position)),
      position - from,
      context,
      selection.field,
    );
  return relay(view.length, { from, to, hasNextPage, hasPreviousPage }, nodeAt);
}

/** A connection over a short list that exists already. */
export function connectionOf(items: readonly unknown[], page: PageArguments): unknown {
  return relay(items.length, pageOf(items.length, page), (position) => items[position]);
}

function relay(
  totalCount: number,
  page: ReturnType<typeof pageOf>,
  nodeAt: (position: number) => unknown,
): unknown {
  const positions = Array.from({ length: page.to - page.from }, (_, k) => page.from + k);
  return {
    totalCount,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: positions.length > 0 ? cursorOf(page.from) : null,
      endCursor: positions.length > 0 ? cursorOf(page.to - 1) : null,
    },
    edges: () => positions.map((position) => ({ cursor: cursorOf(position), node: nodeAt(position) })),
    nodes: () => positions.map(nodeAt),
  };
}

export function allOf(context: GazelleContext, kind: Kind, field: string): Fields[] {
  const { overlay } = context;
  const list = listOf(overlay, kind);
  return Array.from(
    { length: list.length },
    (_, k) => withErrors(recordAt(overlay, kind, list.at(k)), k, context, field),
  );
}

/** @param place on its page, counted from 0 */
export function withErrors(record: Fields, place: number, context: GazelleContext, field: string): Fields {
  for (const fault of context.fieldErrors) {
    const isNamed = fault.records.some((named) => named === place || named === record.id);
    if (fault.field === field && isNamed) record = spoil(record, fault.path.split("."), fault.message);
  }
  return record;
}
