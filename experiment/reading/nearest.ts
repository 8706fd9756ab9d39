/** Suggestions for mistyped names. */
import { distance } from 'fastest-levenshtein';

/** Longer ones are no slip of the pen. */
const longest = 240;

/** ` (did you mean "x"?)` when something known is close, else nothing. */
export function nearestHint(word: string, known: readonly string[]): string {
  const near = nearestName(word, known);
  return near === null ? '' : ` (did you mean "${near}"?)`;
}

/** Null: none is close. */
export function nearestName(word: string, known: readonly string[]): string | null {
  if (word.length > longest) return null;
  let best: string | null = null;
  let least = Math.max(2, word.length / 2) + 1e-9;
  for (const name of known) {
    if (Math.abs(name.length - word.length) >= least) continue;
    const far = distance(word.toLowerCase(), name.toLowerCase());
    if (far < least) [best, least] = [name, far];
  }
  return best;
}
