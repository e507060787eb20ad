import type postgres from "postgres";

/**
 * How values cross between JSON and Postgres, so that answers look as PostgREST's do. The API server's own
 * rules encode json twice and print times with a space.
 */
export const apiTypes: Record<string, postgres.PostgresType> = {
  json: { to: 114, from: [114], serialize: jsonText, parse: JSON.parse },
  jsonb: { to: 3802, from: [3802], serialize: jsonText, parse: JSON.parse },
  numeric: { to: 1700, from: [1700], serialize: String, parse: numberOrText },
  timestamp: { to: 1114, from: [1114], serialize: String, parse: isoTime },
  timestamptz: { to: 1184, from: [1184], serialize: String, parse: isoTime },
};

/**
 * The API server hands over JSON text, except for a string, which it hands over bare: what is JSON already
 * stays. So a bare string that happens to be JSON, like "5", is taken for what it spells; inside an object or
 * array it is not.
 */
export function jsonText(value: unknown): string {
  return typeof value === "string" && isJson(value) ? value : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** NaN and infinity have no JSON number; PostgREST gives their names. */
function numberOrText(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** "2026-11-23 07:44:20.36+00" becomes "2026-11-23T07:44:20.36+00:00"; "infinity" stays. */
export function isoTime(text: string): string {
  return text.replace(/^(\S+) /, "$1T").replace(/([+-]\d\d)$/, "$1:00");
}
