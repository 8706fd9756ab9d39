/** What someone who mistyped a name may have meant. */
import { distance } from 'fastest-levenshtein';

/** ` (did you mean "x"?)` when something known is close, else nothing. */
export function nearestOf(word: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => [distance(word.toLowerCase(), name.toLowerCase()), name] as const)
    .sort(([a], [b]) => a - b);
  const [best] = ranked;
  return best && best[0] <= Math.max(2, word.length / 2) ? ` (did you mean "${best[1]}"?)` : '';
}
