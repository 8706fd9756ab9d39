/** Canonical JSON (RFC 8785) of what identifies something; the text of a list is made once for all that share it. */
import canonicalize from 'canonicalize';

export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a configuration must be JSON');
  return text;
}

const lists = new WeakMap<object, string>();

/** The same text, for the many runs of a wide plan: their needs, points and files are mostly the same lists. */
export function canonicalShared(value: unknown): string {
  if (Array.isArray(value)) {
    const known = lists.get(value);
    if (known !== undefined) return known;
    const text = `[${value.map(canonicalShared).join(',')}]`;
    lists.set(value, text);
    return text;
  }
  if (typeof value !== 'object' || value === null) return canonical(value);
  const fields = value as Readonly<Record<string, unknown>>;
  const parts = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalShared(fields[key])}`);
  return `{${parts.join(',')}}`;
}
