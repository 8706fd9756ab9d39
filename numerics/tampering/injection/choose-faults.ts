/** Chooses the images of an injection and their target classes. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { permutation, stream } from '../../random.js';

/** Images and the classes that an injection asks for. */
export interface Faults {
  /** Indices of the images; the first `wrong` are those that get another class. */
  readonly indices: readonly number[];
  readonly labels: readonly number[];
  readonly targets: readonly number[];
  readonly wrong: number;
}

/** How many images are chosen, and how. */
export interface FaultChoice {
  readonly images: number;
  readonly wrong: number;
  readonly seed: number;
  /** Draw targets from all classes, the image's own included (default: from the others). */
  readonly compat?: 'published';
}

/**
 * `candidates` are indices of images that are classified correctly, at least `images` of them. A wrong
 * target is uniform among the other classes; with `compat: published` among all of them, as in the paper's code.
 */
export function chooseFaults(
  candidates: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  { images, wrong, seed, compat }: FaultChoice,
): Faults {
  const order = permutation(stream(seed, 'injection-images', 0), candidates.length);
  const indices = Array.from(order.subarray(0, images), (i) => candidates[i]!);
  const own = indices.map((i) => labels[i]!);
  const draws = stream(seed, 'injection-targets', 0);
  const targets = own.map((label, i) => {
    if (i >= wrong) return label;
    if (compat === 'published') return uniformInt(draws, 0, classes - 1);
    const drawn = uniformInt(draws, 0, classes - 2);
    return drawn < label ? drawn : drawn + 1;
  });
  return { indices, labels: own, targets, wrong };
}
