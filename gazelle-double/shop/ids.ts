import { mix } from "./random.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HALF = 62 ** 5;
const TAIL = 62 ** 6;

/**
 * Gazelle's ids are a prefix and 16 alphanumeric characters. Here ten of them are a hash, and the last six encode the
 * number, so that each id is unique and its number can be found without a table.
 */
export function idOf(prefix: string, salt: number, number: number): string {
  const [left, right] = halves(salt, number);
  const tail = (number + mix(left, right)) % TAIL;
  return `${prefix}_${digits(left, 5)}${digits(right, 5)}${digits(tail, 6)}`;
}

/** The number in an id, or null if `idOf` did not make it. */
export function numberOf(id: string, prefix: string, salt: number): number | null {
  if (id.length !== prefix.length + 17 || !id.startsWith(`${prefix}_`)) return null;
  const body = id.slice(prefix.length + 1);
  const [left, right, tail] = [value(body.slice(0, 5)), value(body.slice(5, 10)), value(body.slice(10))];
  const number = (((tail - mix(left, right)) % TAIL) + TAIL) % TAIL;
  return idOf(prefix, salt, number) === id ? number : null;
}

function halves(salt: number, number: number): [number, number] {
  const left = mix(salt, number);
  return [left % HALF, mix(left, number ^ salt) % HALF];
}

function digits(value: number, length: number): string {
  let text = "";
  for (let k = 0; k < length; k++) {
    text = DIGITS.charAt(value % 62) + text;
    value = Math.floor(value / 62);
  }
  return text;
}

function value(text: string): number {
  let sum = 0;
  for (const digit of text) sum = sum * 62 + DIGITS.indexOf(digit);
  return sum;
}
