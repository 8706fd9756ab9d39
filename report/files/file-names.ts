/** Names of the files of figures: readable, the same for the same experiment, no two alike. */
import { digest } from '../../experiment/sweep/digest.js';
import type { Figure } from '../figures/figure.js';

type Named = Pick<Figure, 'curve' | 'source' | 'topic'>;

/** File systems take 255 bytes. */
const longest = 180;

/** Without the extension, in order. Figures whose names would be alike, or too long, carry a digest. */
export function fileNames(figures: readonly Named[]): readonly string[] {
  const plain = figures.map(({ curve, topic }) =>
    `${curve}-${topic}`.replace(/[^A-Za-z0-9._-]/g, '_'),
  );
  const counts = new Map<string, number>();
  for (const name of plain) counts.set(folded(name), (counts.get(folded(name)) ?? 0) + 1);
  return plain.map((name, i) => {
    if (name.length <= longest && counts.get(folded(name)) === 1) return name;
    return `${name.slice(0, longest)}-${digest(identity(figures[i]!))}`;
  });
}

/** Some file systems ignore case. */
function folded(name: string): string {
  return name.toLowerCase();
}

function identity({ curve, source, topic }: Named): string {
  return JSON.stringify([curve, source, topic]);
}
