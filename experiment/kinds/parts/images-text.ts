/** Which images a run sees, as a text that is the same from a plan and from the database. */
import { canonical } from '../../canonical.js';
import type { PathSpec } from '../../specs/path.js';

type StatisticsAndCut = Pick<PathSpec, 'statisticsFrom' | 'statisticsImages' | 'cut'>;

/** Empty for a whole split. */
export function imagesText(images: unknown): string {
  return images === undefined ? '' : canonical(JSON.parse(JSON.stringify(images)));
}

/** The images of a measurement along a path: those of its statistics, and the part of the test set. */
export function pathImagesText({
  statisticsFrom,
  statisticsImages,
  cut,
}: StatisticsAndCut): string {
  return imagesText([statisticsFrom, statisticsImages, cut]);
}
