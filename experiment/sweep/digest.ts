/** A short digest of a text for labels; the workflow sandbox has no `node:crypto`. */

/** cyrb53 (public domain): two 32-bit lanes, 53 bits in 11 characters of base 36. */
export function digest(text: string): string {
  let [low, high] = [0x41c6ce57, 0xdeadbeef];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const bits = 2 ** 32 * (low & 0x1fffff) + (high >>> 0);
  return bits.toString(36).padStart(11, '0');
}
