// Types for calls of the database's functions in schema public, derived from the generated types: a call with a wrong
// name or a wrong argument does not compile.

import type { Database } from "./database-types.ts";

type Functions = Database["public"]["Functions"];

export type FunctionName = keyof Functions;

/** The arguments of a function. Any of them may be null, since the generated types do not tell which may. */
export type ArgumentsOf<Name extends FunctionName> = {
  [Key in keyof Functions[Name]["Args"]]: Functions[Name]["Args"][Key] | null;
};

/** Forbids other arguments also in a variable, where the compiler would let them pass. */
export type Exactly<Wanted, Given extends Wanted> = Given & Record<Exclude<keyof Given, keyof Wanted>, never>;

/** The parameters of a function that makes such calls: a name, and the arguments unless all are optional. */
export type Call = {
  [Name in FunctionName]: Record<never, never> extends ArgumentsOf<Name>
    ? [name: Name, args?: ArgumentsOf<Name>]
    : [name: Name, args: ArgumentsOf<Name>];
}[FunctionName];
