// Calls of the database's functions in schema public, by its generated types: a function or an argument that the database
// does not have does not compile.

import type { Database } from "./database-types.ts";

type Functions = Database["public"]["Functions"];

export type FunctionName = keyof Functions;

/** Any of them may be null: the generated types do not tell which. */
export type ArgumentsOf<Name extends FunctionName> = {
  [Key in keyof Functions[Name]["Args"]]: Functions[Name]["Args"][Key] | null;
};

/** No arguments but those: of a variable, unlike of a literal, the compiler would take any others too. */
export type Exactly<Wanted, Given extends Wanted> = Given & Record<Exclude<keyof Given, keyof Wanted>, never>;

/** The arguments of a function that calls one: its name and its arguments, which are left out where none is needed. */
export type Call = {
  [Name in FunctionName]: Record<never, never> extends ArgumentsOf<Name>
    ? [name: Name, args?: ArgumentsOf<Name>]
    : [name: Name, args: ArgumentsOf<Name>];
}[FunctionName];
