/** Values as names show them: distinct values have distinct labels, whatever other values their axis takes. */
import { fractionPattern } from '../fraction-text.js';
import { digest } from './digest.js';
import { valueIdentity, same } from './identity.js';

/** Separates the digest from the readable part of a label; no readable part contains it. */
const mark = '~';

/**
 * Letters, digits and a few signs, since it becomes part of names that are typed and matched. A text that does not
 * read back as the value (the text "64", "a b") carries a digest of it.
 */
export function labelText(value: unknown): string {
  const readable = plainText(value).replace(/[^a-zA-Z0-9._:+-]/g, '-');
  return same(readBack(readable), value)
    ? readable
    : `${readable}${mark}${digest(valueIdentity(value))}`;
}

/** A value as people read it; several values may have the same text. */
export function plainText(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainText).join('+');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => `${key}:${plainText(inner)}`)
      .sort()
      .join('+');
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  // Slashes separate the parts of a run's name.
  return fractionPattern.test(value) ? value.replace('/', ':') : value;
}

/** The one value that a text without a digest stands for; undefined: none. */
function readBack(text: string): unknown {
  const alone = readScalar(text);
  if (alone !== undefined) return alone;
  const parts = text.split('+');
  if (parts.every((part) => !part.includes(':'))) return parts.map(readScalar);
  const entries = parts.map((part) => {
    const at = part.indexOf(':');
    return [part.slice(0, at), readScalar(part.slice(at + 1))] as const;
  });
  return entries.some(([, inner]) => inner === undefined) ? undefined : Object.fromEntries(entries);
}

const words = new Map<string, unknown>([
  ['null', null],
  ['true', true],
  ['false', false],
]);

function readScalar(text: string): unknown {
  if (words.has(text)) return words.get(text);
  if (String(Number(text)) === text && Number.isFinite(Number(text))) return Number(text);
  const fraction = text.replace(':', '/');
  if (fractionPattern.test(fraction)) return fraction;
  return /[:+]/.test(text) ? undefined : text;
}

/** Longest label as it is; longer ones end in a digest. */
const longest = 200;
/** Longest readable part that a shortened label keeps. */
const kept = 160;

/**
 * A label that fits into a name. Of a longer one the first parts are kept, by the names of the axes as they are
 * sorted, and a digest of the whole stands for the rest.
 */
export function shortenLabel(label: string): string {
  if (label.length <= longest) return label;
  const start = label.slice(0, kept);
  const whole = start.lastIndexOf(',');
  return `${whole > 0 ? start.slice(0, whole) : start},more${mark}${digest(label)}`;
}
