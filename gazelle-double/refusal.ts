import { GraphQLError } from "graphql";

/** The four parts of an error: code, message, details, hint. */
export interface Refusal {
  code: string;
  message: string;
  details: string;
  hint: string;
}

/** For a query that Gazelle might answer and the double cannot: it is refused, so that no answer is wrong. */
export function refuse(code: string, message: string, hint: string, details = ""): GraphQLError {
  return new GraphQLError(message, { extensions: { code, details, hint } });
}
