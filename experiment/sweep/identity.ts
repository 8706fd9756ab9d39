/** When two values of an axis are one: by their canonical JSON, so that 64 is not "64" and null is not "none". */
import { canonical } from '../canonical.js';

/** One text for one value, whatever the order of its keys; -0 is 0, as in JSON. */
export function valueIdentity(value: unknown): string {
  const plain = typeof value === 'object' && value !== null;
  return plain ? canonical(value) : JSON.stringify(value);
}

export function same(a: unknown, b: unknown): boolean {
  return a === b || valueIdentity(a) === valueIdentity(b);
}
