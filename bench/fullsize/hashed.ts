/**
 * Random numbers that anybody can make again in any language, by which weights of hundreds of megabytes are known
 * without being kept: value i of a sequence is 24 bits of murmur3's finaliser over FNV-1a(name) + i · 0x9e3779b9.
 */

/** A tensor of hashed values in [base − amp, base + amp). */
export interface HashedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly base: number;
  readonly amp: number;
}

/** FNV-1a, 32 bits, of the text in UTF-8. */
function startOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** 24 bits, uniform. */
function bitsAt(start: number, i: number): number {
  let x = (start + Math.imul(i, 0x9e3779b9)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 8;
}

/** The values of a tensor of the checkpoint `tag`. */
export function hashedValues(tag: string, { name, shape, base, amp }: HashedTensor): Float32Array<ArrayBuffer> {
  const start = startOf(`${tag}:${name}`);
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) values[i] = base + amp * (bitsAt(start, i) * 2 ** -23 - 1);
  return values;
}

/** Gumbel noise of this name, `count` values. */
export function hashedGumbel(name: string, count: number): Float32Array<ArrayBuffer> {
  const start = startOf(name);
  return Float32Array.from({ length: count }, (_, i) => -Math.log(-Math.log((bitsAt(start, i) + 0.5) * 2 ** -24)));
}
