/** What an attack does to one set of weights: scores before and after, and a check of the attack itself. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type BatchFunction, type Pause } from '../batched.js';
import type { ResidentData } from '../data/resident.js';
import { scoreSums } from '../evaluation.js';
import type { GraphHost } from '../graph/compile.js';
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
  attack(parameters: ParameterTensors, pause: Pause): Promise<AttackOutcome>;
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
  data: ResidentData,
  batchSize: number,
): Attacker {
  // The start depends on the batch alone, so every t is attacked from the same points.
  const seed = (from: number): tf.Tensor[] => [
    tf.tensor1d([...opSeed(settings.seed, 'attack-start', from)], 'int32'),
  ];
  const attackBatch = attackOf(model, norm, settings);
  const batches = overBatches(host, model, data, batchSize, attackBatch, () => seed(0));
  const attack = async (parameters: ParameterTensors, pause: Pause): Promise<AttackOutcome> => {
    const sums = [0, 0, 0, 0];
    await batches.run(
      parameters,
      ({ outputs: [clean, robust, bounds] }) => {
        checkBounds(settings.epsilon, bounds!);
        [...clean!, ...robust!].forEach((value, i) => (sums[i]! += value));
      },
      pause,
      seed,
    );
    const [cleanNll, cleanWrong, robustNll, robustWrong] = sums.map((sum) => sum / data.count);
    return {
      cleanNll: cleanNll!,
      cleanError: 100 * cleanWrong!,
      robustNll: robustNll!,
      robustError: 100 * robustWrong!,
      n: data.count,
    };
  };
  return { attack, dispose: () => batches.dispose() };
}

/** Outputs: clean and robust [Σ CE, Σ wrong], and [largest |change|, smallest, largest pixel]. */
function attackOf(model: Model, norm: Norm, settings: AttackSettings): BatchFunction {
  return (parameters, { images, labels, weights }, seed) => {
    const adversarial = ascend(imageGradient(model, parameters, labels), images, norm, {
      epsilon: tf.scalar(settings.epsilon),
      stepSize: tf.scalar(settings.stepSize),
      steps: settings.steps,
      startSeed: settings.randomStart ? seed : null,
    });
    return [
      scoreSums(model.apply(parameters, images), labels, weights),
      scoreSums(model.apply(parameters, adversarial), labels, weights),
      tf.stack([
        tf.max(tf.abs(tf.sub(adversarial, images))),
        tf.min(adversarial),
        tf.max(adversarial),
      ]),
    ];
  };
}

/** The attack's own claim is not trusted: a result outside the ball or the pixel range ends the run. */
function checkBounds(epsilon: number, [change, smallest, largest]: Float32Array): void {
  if (change! <= epsilon + roundingSlack && smallest! >= 0 && largest! <= 1) return;
  throw new Error(
    `attacked images left their bounds: change ${change} of ${epsilon}, pixels ${smallest} to ${largest}`,
  );
}
