/** Artifacts of an attack: per-image outcomes and, on request, the adversarial examples. */
import type { AttackBase } from '../../experiment/attacks/attack-fields.js';
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { ImageOutcomes } from '../../numerics/attacks/runner/attack-outcome.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import type { MeasuredImages } from './measure-path.js';

/** An attack on the networks of a path, and the names of its passes. */
export interface AttackedPath {
  readonly t: readonly number[];
  /** The network that each row measures (default: the network at each t). */
  readonly on?: string;
  readonly attack: AttackBase;
  readonly passes: readonly string[];
}

/**
 * `image` [images] (index in the split of the data set), `label` [images]; the others [points, images]: predictions
 * before and after the attack, their cross-entropies (nats), whether the worst adversarial example is misclassified,
 * the norm of its perturbation, how far it is from stationary (`fosc` in nats, and relative to the centre of the ball),
 * and which of `passes` found it (−1: the image as it is).
 */
export function encodeOutcomes(
  { t, on = 'the network at each t', attack, passes }: AttackedPath,
  measured: MeasuredImages,
  found: readonly ImageOutcomes[],
): Uint8Array {
  const { indices, labels } = measured;
  const shape = [found.length, indices.length];
  const each = (of: (one: ImageOutcomes) => Float32Array) => floats(found.map(of), shape);
  const whole = (of: (one: ImageOutcomes) => Float32Array) => integers(found.map(of), shape);
  const tensors = new Map<string, StoredTensor>([
    ['image', { dtype: 'I32', shape: [indices.length], data: indices }],
    ['label', { dtype: 'I32', shape: [labels.length], data: Int32Array.from(labels) }],
    ['clean_prediction', whole(({ clean }) => clean.predicted)],
    ['clean_nll', each(({ clean }) => clean.nll)],
    ['prediction', whole(({ images }) => images.predicted)],
    ['nll', each(({ images }) => images.nll)],
    ['misclassified', each(({ images }) => images.wrong)],
    ['distance', each(({ images }) => images.distance)],
    ['fosc', each(({ images }) => images.fosc)],
    ['relative_fosc', each(({ images }) => images.relativeFosc)],
    ['pass', whole(({ images }) => images.pass)],
  ]);
  return encodeSafetensors(tensors, {
    ...{ split: 'test', on, t: JSON.stringify(t), passes: JSON.stringify(passes) },
    ...{ norm: attack.norm, epsilon: String(attack.epsilon) },
  });
}

/** The output that holds the adversarial examples of this t. */
export function adversarialOutput(t: number): string {
  return `adversarial@${t}`;
}

/** `adversarial` [images, height, width, channels] in [0,1], of one t. */
export function encodeAdversarial(
  t: number,
  [height, width, channels]: ImageShape,
  pixels: Float32Array,
): Uint8Array {
  const size = height * width * channels;
  const shape = [pixels.length / size, height, width, channels];
  const tensors = new Map([['adversarial', { dtype: 'F32' as const, shape, data: pixels }]]);
  return encodeSafetensors(tensors, { t: String(t), layout: 'NHWC', range: '[0,1]' });
}

/** Rows of whole numbers one after the other, as a tensor of this shape. */
export function integers(rows: readonly Float32Array[], shape: readonly number[]): StoredTensor {
  return { dtype: 'I32', shape, data: Int32Array.from(rows.flatMap((row) => [...row])) };
}

function floats(rows: readonly Float32Array[], shape: readonly number[]): StoredTensor {
  return { dtype: 'F32', shape, data: Float32Array.from(rows.flatMap((row) => [...row])) };
}
