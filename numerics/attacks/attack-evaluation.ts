/** What an attack does to one set of weights: scores before and after, and a check of the attack itself. */
import * as tf from '@tensorflow/tfjs';
import { batchAt, inOrder } from '../data/batches.js';
import type { LabelledImages } from '../data/idx.js';
import { scoreSums } from '../evaluation.js';
import { compile, type CompiledFunction, type GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../parameters.js';
import { opSeed } from '../random.js';
import { imageGradient } from '../training/loss.js';
import { ascend } from './gradient-ascent.js';
import type { Norm } from './norm.js';

export interface AttackSettings {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  readonly seed: number;
}

export interface AttackOutcome {
  /** Mean cross-entropy before and after the attack, nats. */
  readonly cleanNll: number;
  readonly robustNll: number;
  /** Misclassified share before and after, per cent. */
  readonly cleanError: number;
  readonly robustError: number;
  readonly n: number;
}

export interface Attacker {
  attack(
    parameters: ParameterTensors,
    data: LabelledImages,
    pause: () => void | Promise<void>,
  ): Promise<AttackOutcome>;
  dispose(): void;
}

/** float32 rounding of x ± epsilon with |x| ≤ 1 stays below this. */
const roundingSlack = 2e-7;

/** Compiles the whole attack, inner loop included, for batches of `batchSize` images. */
export function createAttacker(
  host: GraphHost,
  model: Model,
  norm: Norm,
  settings: AttackSettings,
  shape: readonly [number, number, number],
  classes: number,
  batchSize: number,
): Attacker {
  const examples = tf.tidy(() => [
    ...model.parameters.map((spec) => tf.zeros([...spec.shape])),
    tf.zeros([batchSize, ...shape]),
    tf.zeros([batchSize, classes]),
    tf.zeros([batchSize]),
    tf.zeros([2], 'int32'),
  ]);
  const attack = compile(host, attackBatch(model, norm, settings), examples);
  tf.dispose(examples);
  return {
    attack: (parameters, data, pause) =>
      attackBatches(attack, parameters, data, settings, classes, batchSize, pause),
    dispose: () => attack.dispose(),
  };
}

/**
 * Inputs: parameters, images, labels, weights, op seed [2].
 * Outputs: clean and robust [Σ CE, Σ wrong], largest |change|, smallest and largest pixel: scalars.
 */
function attackBatch(model: Model, norm: Norm, settings: AttackSettings) {
  const n = model.parameters.length;
  return (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const parameters = inputs.slice(0, n);
    const [images, labels, weights, seed] = inputs.slice(n) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const adversarial = ascend(imageGradient(model, parameters, labels), images, norm, {
      epsilon: tf.scalar(settings.epsilon),
      stepSize: tf.scalar(settings.stepSize),
      steps: settings.steps,
      startSeed: settings.randomStart ? seed : null,
    });
    return [
      ...scoreSums(model.apply(parameters, images), labels, weights),
      ...scoreSums(model.apply(parameters, adversarial), labels, weights),
      tf.max(tf.abs(tf.sub(adversarial, images))),
      tf.min(adversarial),
      tf.max(adversarial),
    ];
  };
}

async function attackBatches(
  attack: CompiledFunction,
  parameters: ParameterTensors,
  data: LabelledImages,
  settings: AttackSettings,
  classes: number,
  batchSize: number,
  pause: () => void | Promise<void>,
): Promise<AttackOutcome> {
  const order = inOrder(data.count);
  const sums = [0, 0, 0, 0];
  for (let from = 0; from < data.count; from += batchSize) {
    const batch = batchAt(data, classes, order, from, batchSize);
    // The start depends on the batch alone, so every t is attacked from the same points.
    const seed = tf.tensor1d([...opSeed(settings.seed, 'attack-start', from)], 'int32');
    const outputs = attack(...parameters, batch.images, batch.labels, batch.weights, seed);
    const values = outputs.map((output) => output.dataSync()[0]!);
    tf.dispose([...outputs, seed]);
    batch.dispose();
    checkAttack(settings.epsilon, values[4]!, values[5]!, values[6]!);
    sums.forEach((sum, i) => (sums[i] = sum + values[i]!));
    await pause();
  }
  const [cleanNll, cleanWrong, robustNll, robustWrong] = sums as [number, number, number, number];
  return {
    cleanNll: cleanNll / data.count,
    cleanError: (100 * cleanWrong) / data.count,
    robustNll: robustNll / data.count,
    robustError: (100 * robustWrong) / data.count,
    n: data.count,
  };
}

/** The attack's own claim is not trusted: a result outside the ball or the pixel range ends the run. */
function checkAttack(epsilon: number, change: number, smallest: number, largest: number): void {
  if (change <= epsilon + roundingSlack && smallest >= 0 && largest <= 1) return;
  throw new Error(
    `attacked images left their bounds: change ${change} of ${epsilon}, pixels ${smallest} to ${largest}`,
  );
}
