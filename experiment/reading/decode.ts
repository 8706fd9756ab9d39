/** The bytes of a file to text: UTF-8 alone, and what it is instead by name. */

export type Decoded =
  | { readonly ok: true; readonly text: string }
  /** `line`: of the first byte that is no UTF-8. */
  | { readonly ok: false; readonly line: number | null; readonly what: string };

/** A byte order mark of UTF-8 is no part of the text. */
export function decodeText(bytes: Uint8Array): Decoded {
  const wide = wideEncoding(bytes);
  if (wide !== null) return { ok: false, line: null, what: `is ${wide}: save it as UTF-8` };
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const offset = firstDamage(bytes);
    const line = bytes.subarray(0, offset).reduce((n, byte) => (byte === newline ? n + 1 : n), 1);
    const byte = bytes[offset]!.toString(16).toUpperCase();
    const what = `the byte 0x${byte} is no UTF-8 (it may be Latin-1 or Windows-1252): save the file as UTF-8`;
    return { ok: false, line, what };
  }
}

const newline = 0x0a;

/** By its byte order mark; without one, by the zeros that it puts beside letters. */
function wideEncoding(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  const start = bytes.subarray(0, 1024);
  const zeros = [0, 1].map(
    (rest) => start.filter((byte, i) => byte === 0 && i % 2 === rest).length,
  );
  const half = start.length / 2;
  const [even, odd] = zeros as [number, number];
  if (even > 0.4 * half && odd > 0.8 * half) return 'UTF-32';
  return Math.max(even, odd) > 0.4 * half && Math.min(even, odd) === 0 ? 'UTF-16' : null;
}

/** The length of the longest start that can be the start of UTF-8. */
function firstDamage(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (canBegin(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function canBegin(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
