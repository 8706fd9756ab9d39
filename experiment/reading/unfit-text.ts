/** Names and texts that no file may hold, since the database or JavaScript could not. */
import type { Mistake } from './mistakes.js';
import { shortened } from './shorten.js';

type Path = readonly PropertyKey[];

/** The first of them in plain data, whether a file or the command line gave it; null: all fit. */
export function unfitText(value: unknown, at: Path = []): Mistake | null {
  if (typeof value === 'string') {
    const why = whyUnfit(value);
    return why === null ? null : { path: at, what: `${said(at)}: ${why}` };
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inside] of Object.entries(value)) {
    const path = [...at, key];
    const why = key === '__proto__' ? null : whyUnfit(key);
    if (why !== null) return { path, what: `${said(path)}: in a name, ${why}` };
    if (key === '__proto__' || key.split('.').includes('__proto__')) {
      const what = `"${said(path)}" cannot be a name: JavaScript keeps __proto__ for itself`;
      return { path, what };
    }
    const found = unfitText(inside, path);
    if (found !== null) return found;
  }
  return null;
}

function whyUnfit(text: string): string | null {
  if (text.includes('\0')) {
    return 'a NUL character (\\0), which the database cannot hold; take it out';
  }
  // With the flag u a pair of surrogates is one character: what matches stands alone.
  if (!/\p{Cs}/u.test(text)) return null;
  return 'half of a surrogate pair (\\ud800 to \\udfff), which is no text; take it out';
}

function said(path: Path): string {
  return path.map((step) => shortened(String(step))).join('.');
}
