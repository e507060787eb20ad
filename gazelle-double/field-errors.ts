import { GraphQLError } from "graphql";

const BELOW = Symbol("a field error below this field");

interface Below {
  name: string;
  path: readonly string[];
  message: string;
}

type Source = { [name: string]: unknown; [BELOW]?: Below };

/** A copy of the record of which the field at `path` (`tags`, `defaultContact.firstName`) fails when it is read. */
export function spoil<T extends object>(record: T, path: readonly string[], message: string): T {
  const [name, ...rest] = path as [string, ...string[]];
  const inner = (record as Source)[name];
  if (rest.length > 0 && typeof inner === "function") {
    return { ...record, [name]: () => spoilOne(inner(), rest, message) };
  }
  if (rest.length > 0) return { ...record, [BELOW]: { name, path: rest, message } };
  return {
    ...record,
    [name]: () => {
      throw new GraphQLError(message, { extensions: { code: "internalError" } });
    },
  };
}

/** A list, made when it is asked for, of which the record at the path's first place is spoilt. */
function spoilOne(list: object[], [place, ...rest]: readonly string[], message: string): object[] {
  return list.map((record, at) =>
    String(at) === place && rest.length > 0 ? spoil(record, rest, message) : record
  );
}

/** The value of a field as the resolver gives it, unless the record was spoilt there. */
export function readField(source: unknown, name: string, resolve: () => unknown): unknown {
  const record = (source ?? {}) as Source;
  const own = record[name];
  if (typeof own === "function") return own();
  const below = record[BELOW];
  const value = resolve();
  if (below?.name !== name || typeof value !== "object" || value === null) return value;
  return spoil(value, below.path, below.message);
}
