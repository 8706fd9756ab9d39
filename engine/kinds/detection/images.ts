/** The images of a detection: references, calibration, and attacked ones, as pixels in [0,1]. */
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import type { RunInput } from '../../../experiment/records/records.js';
import { selectImages } from '../../../numerics/data/select.js';
import { permutation, stream } from '../../../numerics/random.js';
import { indicesWhere, poisonImages } from '../../../numerics/tampering/poison.js';
import { decodeSafetensors } from '../../../stores/formats/safetensors.js';
import { adversarialOutput } from '../../toolkit/attack-outcomes.js';
import type { EngineContext } from '../../toolkit/context.js';
import { firstImages, type Dataset } from '../../toolkit/data.js';
import { selectEvaluation } from '../../toolkit/selection.js';
import { inputArtifact } from '../../toolkit/weights.js';

export interface DetectionImages {
  readonly references: Float32Array;
  /** Index of each reference in the training set, ascending. */
  readonly referenceIndices: Int32Array;
  /** Clean images that decide thresholds. */
  readonly calibration: PixelsAndLabels;
  /** Clean images, of which attacked versions are to be detected. */
  readonly clean: PixelsAndLabels;
}

interface PixelsAndLabels {
  /** [n · h · w · c], in [0,1]. */
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
}

/** Images that may be attacked versions of the clean ones, in their order. */
export interface Changed {
  readonly pixels: Float32Array;
  /** Which of them count, 1 or 0. */
  readonly counts: Uint8Array;
}

export function detectionImages(spec: DetectionSpec, data: Dataset): DetectionImages {
  const source = selectEvaluation(data, spec.cut)?.images ?? data.test;
  const order = permutation(stream(spec.seed, 'detection-references', 0), data.train.count);
  const chosen = order.slice(0, spec.references).sort();
  const after = Int32Array.from({ length: spec.calibration }, (_, i) => spec.images + i);
  return {
    references: toPixels(selectImages(data.train, chosen)),
    referenceIndices: chosen,
    calibration: labelled(selectImages(source, after)),
    clean: labelled(firstImages(source, spec.images)),
  };
}

/** The adversarial examples that an attack of this name kept at this t. */
export async function storedExamples(
  { blobs }: Pick<EngineContext, 'blobs'>,
  inputs: readonly RunInput[],
  { name, t, images }: { readonly name: string; readonly t: number; readonly images: number },
): Promise<Changed> {
  const ref = inputArtifact(inputs, `attack:${name}`, adversarialOutput(t));
  const stored = decodeSafetensors(await blobs.get(ref)).tensors.get('adversarial');
  if (!(stored?.data instanceof Float32Array)) throw new Error(`attack ${name} kept no images`);
  const size = stored.data.length / stored.shape[0]!;
  return {
    pixels: stored.data.slice(0, images * size),
    counts: new Uint8Array(images).fill(1),
  };
}

/** The clean images with a trigger; those of the target class do not count. */
export function triggeredImages(
  spec: DetectionSpec,
  data: Dataset,
  backdoor: DetectionSpec['backdoors'][number],
): Changed {
  const source = selectEvaluation(data, spec.cut)?.images ?? data.test;
  const clean = firstImages(source, spec.images);
  const isOther = (label: number): boolean => label !== backdoor.target;
  const triggered = poisonImages(
    clean,
    indicesWhere(clean.labels, isOther),
    backdoor,
    data.classes,
  );
  const counts = Uint8Array.from(clean.labels, (label) => (isOther(label) ? 1 : 0));
  return { pixels: toPixels(triggered), counts };
}

function labelled(images: LabelledImages): PixelsAndLabels {
  return { pixels: toPixels(images), labels: Uint8Array.from(images.labels) };
}

/** Times 1/255 in float32, as batches are made in graphs (numerics/data/resident.ts). */
function toPixels({ pixels }: LabelledImages): Float32Array {
  const scale = Math.fround(1 / 255);
  return Float32Array.from(pixels, (byte) => byte * scale);
}
