/** A 32-bit hash of two integers (the finaliser of MurmurHash3). */
export function mix(a: number, b: number): number {
  let hash = (a ^ Math.imul(b + 0x7f4a7c15, 0x9e3779b1)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export interface Dice {
  /** A number in [0, 1). */
  next(): number;
  int(below: number): number;
  between(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** The same start always gives the same numbers (mulberry32). */
export function dice(start: number): Dice {
  let state = start >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    next,
    int,
    between: (low, high) => low + int(high - low + 1),
    chance: (share) => next() < share,
    pick: <T>(list: readonly T[]) => list[int(list.length)] as T,
  };
}

export interface Permutation {
  forward(i: number): number;
  back(i: number): number;
}

/** A permutation of 0..n-1 and its inverse, both without a table. Exact for n up to 9 million. */
export function permutation(n: number, salt: number): Permutation {
  if (n <= 1) return { forward: (i) => i, back: (i) => i };
  let step = Math.max(1, Math.floor(n * 0.618) - (salt % 97));
  while (greatestCommonDivisor(step, n) !== 1) step++;
  const shift = salt % n;
  const inverse = modularInverse(step % n, n);
  return {
    forward: (i) => (i * step + shift) % n,
    back: (i) => ((i - shift + n) % n) * inverse % n,
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function modularInverse(a: number, n: number): number {
  let [r0, r1, t0, t1] = [n, a, 0, 1];
  while (r1 !== 0) {
    const quotient = Math.floor(r0 / r1);
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return (t0 + n) % n;
}
