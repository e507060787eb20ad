// Removes the secrets of a request from what comes back: answers go into logs, records and tables.

import { Buffer } from "node:buffer";

/** A shorter text is no secret, and could be part of any word. */
const shortest = 8;

/**
 * Gives a function that puts `[secret]` in place of each secret, in whatever case and notation its letters are: as
 * JSON, HTML, an address or base64 has them, and as one of these has another.
 */
export function remover(secrets: string[]): (text: string) => string {
  const forms = secrets.filter(({ length }) => length >= shortest).flatMap((secret) => [
    secret,
    ...(["base64", "base64url"] as const).map((form) => Buffer.from(secret).toString(form)),
  ]);
  if (forms.length === 0) return (text) => text;
  const unique = [...new Set(forms)];
  const plain = new RegExp(unique.map(escaped).join("|"), "i");
  const any = new RegExp(unique.map(anyNotation).join("|"), "gi");
  // Looked for first, for most answers have neither, and they are large.
  return (text) => plain.test(text) || notation.test(text) ? text.replace(any, "[secret]") : text;
}

/** An ASCII letter or sign in another notation than its own. */
const notation = /\\(?:u00[2-7]|u\{|x[2-7]|[^\w"])|%(?:25)*[2-7]|&#/i;

function anyNotation(form: string): string {
  return Array.from(form.toWellFormed(), anyNotationOf).join("");
}

/** Bounded, so that a text of a million backslashes takes no longer than another. */
function anyNotationOf(letter: string, place: number): string {
  const code = letter.codePointAt(0)!;
  const hex = code.toString(16);
  const bytes = Array.from(Buffer.from(letter), (byte) => byte.toString(16).padStart(2, "0"));
  // Backslashes before the first letter are another's.
  const backslashes = place === 0 && /\w/.test(letter) ? "" : String.raw`\\{0,4}`;
  const notations = [
    backslashes + escaped(letter),
    String.raw`\\{1,4}(?:u\{?|x)0{0,6}${hex}\}?`,
    bytes.map((byte) => `%(?:25){0,3}${byte}`).join(""),
    `&#(?:x0{0,6}${hex}|0{0,6}${code});`,
  ];
  return `(?:${notations.join("|")})`;
}

function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, String.raw`\$&`);
}
