/** Which images a run sees, as a text that is the same from a plan and from the database. */
import { canonical } from '../../canonical.js';

/** Empty for a whole split. */
export function imagesText(images: unknown): string {
  return images === undefined ? '' : canonical(JSON.parse(JSON.stringify(images)));
}
