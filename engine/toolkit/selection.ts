/** Selects the images of a run from its specification, and stores their indices as an artifact. */
import { createHash } from 'node:crypto';
import { datasetIdentity, type DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import type { Outputs } from '../../experiment/records/records.js';
import type { BonafideSet, TestCut, TrainingData } from '../../experiment/specs/data.js';
import { bonafideIndices, cutIndices } from '../../numerics/data/bonafide.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { poisonedIndices, poisonImages } from '../../numerics/tampering/poison.js';
import { selectImages } from '../../numerics/data/select.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import { checkPoisoned } from './check-images.js';
import type { EngineContext } from './context.js';
import type { Dataset } from './data.js';

/** Images under the name of what they are for. */
export interface Selected {
  readonly name: 'poisoned' | 'training' | 'validation' | 'evaluation' | 'statistics';
  /** In the set that they were taken from: of `poisoned`, those that were replaced. */
  readonly indices: Int32Array;
  readonly images: LabelledImages;
}

/** Null: the training set as it is. */
export function selectTraining(
  { train, test, classes }: Dataset,
  { data }: { readonly data?: TrainingData },
): Selected | null {
  if (data === undefined) return null;
  if ('bonafide' in data) {
    const { training } = bonafideIndices(data.bonafide, test.count);
    return { name: 'training', indices: training, images: selectImages(test, training) };
  }
  if ('first' in data) {
    const first = Int32Array.from({ length: data.first }, (_, i) => i);
    return { name: 'training', indices: first, images: selectImages(train, first) };
  }
  const indices = poisonedIndices(train.labels, classes, data.poisoned);
  checkPoisoned(indices, data.poisoned.fraction, train);
  const images = poisonImages(train, indices, data.poisoned, classes);
  return { name: 'poisoned', indices, images };
}

/** Indices of the test images to measure on; null for all. */
export function selectEvaluation({ test }: Dataset, cut: TestCut | undefined): Selected | null {
  if (cut === undefined) return null;
  const { evaluation } = cutIndices(cut, test.count);
  return { name: 'evaluation', indices: evaluation, images: selectImages(test, evaluation) };
}

/** A part of a bonafide set; null without one. */
export function selectBonafide(
  { test }: Dataset,
  set: BonafideSet | undefined,
  name: 'validation' | 'statistics',
): Selected | null {
  if (set === undefined) return null;
  const { training, validation } = bonafideIndices(set, test.count);
  const indices = name === 'validation' ? validation : training;
  return { name, indices, images: selectImages(test, indices) };
}

/** One artifact `selection` with every list, and the digest of the images that it gives; none for whole sets. */
export async function saveSelection(
  context: EngineContext,
  dataset: DatasetSpec,
  selected: readonly (Selected | null)[],
): Promise<Outputs> {
  const lists = selected.filter((one) => one !== null);
  if (lists.length === 0) return {};
  const tensors = new Map(
    lists.map(({ name, indices }) => [
      name,
      { dtype: 'I32' as const, shape: [indices.length], data: indices },
    ]),
  );
  const digests = lists.map(
    ({ name, images }) => [`sha256.${name}`, imagesDigest(images)] as const,
  );
  const metadata = { dataset: datasetIdentity(dataset), ...Object.fromEntries(digests) };
  return { selection: await context.blobs.put(encodeSafetensors(tensors, metadata)) };
}

/** sha256 of pixels and labels. */
function imagesDigest({ pixels, labels }: LabelledImages): string {
  return createHash('sha256').update(pixels).update(labels).digest('hex');
}
