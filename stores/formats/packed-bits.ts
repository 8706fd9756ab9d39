/** Small numbers in fewer bits than a byte, the first in the lowest bits of the first byte. */

/** Numbers below 2^bits; bits from 1 to 8. */
export function packBits(numbers: Uint8Array, bits: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((numbers.length * bits) / 8));
  numbers.forEach((number, i) => {
    const [at, shift] = [Math.floor((i * bits) / 8), (i * bits) % 8];
    bytes[at]! |= (number << shift) & 0xff;
    if (shift + bits > 8) bytes[at + 1]! |= number >> (8 - shift);
  });
  return bytes;
}

/** The inverse for so many numbers. */
export function unpackBits(bytes: Uint8Array, bits: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    const [at, shift] = [Math.floor((i * bits) / 8), (i * bits) % 8];
    const both = bytes[at]! | ((bytes[at + 1] ?? 0) << 8);
    return (both >> shift) & (2 ** bits - 1);
  });
}
