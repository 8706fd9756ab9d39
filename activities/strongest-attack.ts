/** The worst case over several attacks on the same images, and over the images as they are. */
import { isDeepStrictEqual } from 'node:util';
import { mean } from 'simple-statistics';
import { row, type SeriesRow } from '../experiment/records/rows.js';
import type { DecodedTensors } from '../stores/formats/safetensors.js';

/** Which images an attack fooled. */
export interface AttackedImages {
  readonly t: readonly number[];
  /** Index of each image in its split of the data set, [images]. */
  readonly images: readonly number[];
  /** By t: whether the network misclassifies the image as it is, or attacked. */
  readonly misclassified: readonly (readonly boolean[])[];
}

/** From the artifact `outcomes` of an attack. */
export function readAttackedImages({ tensors, metadata }: DecodedTensors): AttackedImages {
  const values = (name: string): readonly number[] => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`outcomes without ${name}`);
    return Array.from(tensor.data, Number);
  };
  const [images, label] = [values('image'), values('label')];
  const [clean, wrong] = [values('clean_prediction'), values('misclassified')];
  const t = JSON.parse(metadata['t'] ?? '[]') as readonly number[];
  const misclassified = t.map((_, i) =>
    images.map((_image, k) => {
      const at = i * images.length + k;
      return wrong[at] === 1 || clean[at] !== label[k];
    }),
  );
  return { t, images, misclassified };
}

/** `strongest_error:A+B` at each t, per cent; the attacks have the same images and t. */
export function strongestErrors(
  names: readonly string[],
  attacks: readonly AttackedImages[],
): readonly SeriesRow<'strongest'>[] {
  const { t, images } = attacks[0]!;
  for (const [i, other] of attacks.entries()) {
    if (isDeepStrictEqual([other.t, other.images], [t, images])) continue;
    throw new Error(`${names[i]} and ${names[0]} did not attack the same images`);
  }
  return t.map((x, i) => {
    const fooled = images.map((_, k) => attacks.some((one) => one.misclassified[i]![k]!));
    const error = mean(fooled.map((one) => (one ? 100 : 0)));
    return row('strongest', `strongest_error:${names.join('+')}`, { x, n: images.length }, error);
  });
}
