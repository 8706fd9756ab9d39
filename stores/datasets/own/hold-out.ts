/** Test images held out of a set without any, class by class, and the order of sets that are sorted by class. */
import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { LabelledImages, Splits } from '../../../experiment/records/labelled-images.js';
import { FormatError } from '../../formats/format-error.js';

export interface HoldOut {
  /** Fraction of each class. */
  readonly test: number;
  readonly seed: number;
}

/**
 * Holds out round(fraction · images) of each class, at least one and not all, drawn by seed; both sets keep their order.
 * Throws a FormatError for a class of one image.
 */
export function holdOut(data: LabelledImages, { test, seed }: HoldOut): Splits {
  const held = new Uint8Array(data.count);
  for (const label of new Set(data.labels)) {
    const own = indices(data.count, (i) => data.labels[i] === label);
    if (own.length < 2) throw new FormatError(`class ${label} has one image: none can be held out`);
    const count = Math.min(own.length - 1, Math.max(1, Math.round(test * own.length)));
    const order = permutation(`hold-out/${seed}/${label}`, own.length);
    for (const at of order.subarray(0, count)) held[own[at]!] = 1;
  }
  return {
    train: pick(
      data,
      indices(data.count, (i) => held[i] === 0),
    ),
    test: pick(
      data,
      indices(data.count, (i) => held[i] === 1),
    ),
  };
}

/** Whether labels never fall, so that the first images show some classes alone. */
export function isSortedByClass({ labels }: LabelledImages): boolean {
  return labels.every((label, i) => i === 0 || label >= labels[i - 1]!);
}

/** Runs that look at some of the images take the first. */
export function shuffled(data: LabelledImages, seed: number): LabelledImages {
  return pick(data, permutation(`order/${seed}`, data.count));
}

function indices(count: number, wanted: (i: number) => boolean): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i).filter(wanted);
}

function pick({ shape, pixels, labels }: LabelledImages, order: Int32Array): LabelledImages {
  const size = shape.reduce((product, side) => product * side, 1);
  const chosen = new Uint8Array(order.length * size);
  order.forEach((index, i) =>
    chosen.set(pixels.subarray(index * size, (index + 1) * size), i * size),
  );
  const own = Uint8Array.from(order, (index) => labels[index]!);
  return { count: order.length, shape, pixels: chosen, labels: own };
}

/** By Fisher and Yates, with a generator of its own for each purpose. */
function permutation(purpose: string, count: number): Int32Array {
  const generator = xoroshiro128plus(createHash('sha256').update(purpose).digest().readInt32LE(0));
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
