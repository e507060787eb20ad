import type postgres from "postgres";

/**
 * Converts values between JSON and Postgres, so that answers look like PostgREST's. By its own rules the API
 * server encodes json twice and prints times with a space.
 */
export const apiTypes: Record<string, postgres.PostgresType> = {
  json: { to: 114, from: [114], serialize: jsonText, parse: JSON.parse },
  jsonb: { to: 3802, from: [3802], serialize: jsonText, parse: JSON.parse },
  numeric: { to: 1700, from: [1700], serialize: String, parse: numberOrText },
  timestamp: { to: 1114, from: [1114], serialize: String, parse: isoTime },
  timestamptz: { to: 1184, from: [1184], serialize: String, parse: isoTime },
};

/**
 * The API server passes JSON as text, but a string without its quotes. Text that is JSON already stays as it is. So a
 * bare string that happens to be JSON, such as "5", becomes a number; inside an object or an array it does not.
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

/** JSON has no numbers for NaN and infinity, so they are sent by name, as PostgREST does. */
function numberOrText(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** "2026-11-23 07:44:20.36+00" becomes "2026-11-23T07:44:20.36+00:00"; "infinity" stays. */
export function isoTime(text: string): string {
  return text.replace(/^(\S+) /, "$1T").replace(/([+-]\d\d)$/, "$1:00");
}
