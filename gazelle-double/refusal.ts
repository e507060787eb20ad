import { GraphQLError } from "graphql";

/** What is wrong, where, and what is allowed instead: the same four parts everywhere. */
export interface Refusal {
  code: string;
  message: string;
  details: string;
  hint: string;
}

/** A query that Gazelle might answer but the double cannot: refused, never answered wrongly. */
export function refuse(code: string, message: string, hint: string, details = ""): GraphQLError {
  return new GraphQLError(message, { extensions: { code, details, hint } });
}
