/** Artifact of an injection: indices of its test images, their labels and target classes. */
import { z } from 'zod';
import type { ArtifactRef } from '../../experiment/records/records.js';
import { selectImages } from '../../numerics/data/select.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import type { Faults } from '../../numerics/tampering/injection/choose-faults.js';
import type { EngineContext } from './context.js';

const numbers = z.array(z.int().min(0)).min(1);
const format = 'isthmus.injection/1';
const schema = z.strictObject({
  format: z.literal(format),
  /** In the test set, from 0; the first `wrong` have a target that is not their label. */
  indices: numbers,
  labels: numbers,
  targets: numbers,
  wrong: z.int().min(1),
});

export function saveFaults(context: EngineContext, faults: Faults): Promise<ArtifactRef> {
  const { indices, labels, targets, wrong } = faults;
  const text = JSON.stringify({ format, indices, labels, targets, wrong });
  return context.blobs.put(new TextEncoder().encode(text));
}

export async function loadFaults(context: EngineContext, ref: ArtifactRef): Promise<Faults> {
  return schema.parse(JSON.parse(new TextDecoder().decode(await context.blobs.get(ref))));
}

/** The images (of the test set) with their targets as labels: all of them, or those with a wrong target alone. */
export function faultImages(
  test: LabelledImages,
  { indices, targets, wrong }: Faults,
  which: 'all' | 'wrong',
): LabelledImages {
  const count = which === 'all' ? indices.length : wrong;
  const images = selectImages(test, Int32Array.from(indices.slice(0, count)));
  return { ...images, labels: Uint8Array.from(targets.slice(0, count)) };
}
