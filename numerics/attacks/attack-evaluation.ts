/** What an attack does to one set of weights: scores before and after, and a check of the attack itself. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type BatchLoop, type Pause } from '../batched.js';
import type { ResidentData } from '../data/resident.js';
import { weightedSums } from '../evaluation.js';
import type { GraphHost } from '../graph/compile.js';
import type { ParameterTensors } from '../parameters.js';
import { opSeed } from '../random.js';
import { checkBounds } from './bounds.js';
import { climb, startingPoint } from './gradient-ascent.js';
import { changed, createKept } from './kept-images.js';
import type { Norm } from './norm.js';
import { harmless, type Outcomes } from './outcomes.js';
import type { Target } from './target.js';
import { worse } from './worse.js';

export interface AttackSettings {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  /** Random starts, of which each image keeps its worst outcome; absent: 1. */
  readonly restarts?: number;
  readonly seed: number;
}

export interface AttackScores {
  /** Mean cross-entropy before and after the attack, nats. */
  readonly cleanNll: number;
  readonly robustNll: number;
  /** Misclassified share before and after, per cent. */
  readonly cleanError: number;
  readonly robustError: number;
  readonly n: number;
}

export interface AttackOutcome extends AttackScores {
  /** Of each image after the attack: its cross-entropy, and 1 if it is misclassified, else 0 (of a random target, how likely). */
  readonly images: Outcomes;
  /** The attacked images themselves [count · size], in order; null unless they were to be kept. */
  readonly attacked: Float32Array | null;
}

/** All that an attack carries from one restart to the next. */
export interface AttackProgress {
  /** That are over. */
  readonly restarts: number;
  readonly images: Outcomes;
}

export interface Attacker {
  /** Calls of one attack, those of every restart counted; `pause` follows each. */
  readonly batches: number;
  /** `onRestart` is told after every restart but the last; what it gets changes with the next batch. */
  attack(
    parameters: ParameterTensors,
    pause: Pause,
    from?: AttackProgress | null,
    onRestart?: (progress: AttackProgress) => void,
  ): Promise<AttackOutcome>;
  dispose(): void;
}

/**
 * Compiles the attack for batches of `batchSize` images: whole, or where it is long in blocks of steps. A restart is one
 * more pass over the images that is told the outcomes so far and returns the worse of both, so that
 * nothing but a few numbers per image is kept between passes.
 */
export function createAttacker(
  host: GraphHost,
  target: Target,
  norm: Norm,
  settings: AttackSettings,
  data: ResidentData,
  batchSize: number,
  keep: 'scores' | 'images' = 'scores',
): Attacker {
  const restarts = settings.restarts ?? 1;
  if (restarts > 1 && !settings.randomStart) throw new Error('restarts need a random start');
  const size = Math.min(batchSize, data.count);
  const extra = (outcomes: Outcomes, restart: number) => (from: number) => [
    tf.tensor1d(startSeed(settings.seed, restart, from), 'int32'),
    padded(outcomes.nll.subarray(from, from + size), size),
    padded(outcomes.wrong.subarray(from, from + size), size),
  ];
  const attackBatch = attackOf(target, norm, settings, keep === 'images');
  const batches = overBatches(host, target.model, data, size, attackBatch, () =>
    extra(harmless(data.count), 0)(0),
  );
  const attack: Attacker['attack'] = async (parameters, pause, from = null, onRestart) => {
    if (keep === 'images' && from) throw new Error('the images of earlier restarts are not there');
    const images = from?.images ?? harmless(data.count);
    const attacked = keep === 'images' ? createKept(data) : null;
    let sums = [0, 0, 0, 0];
    for (let restart = from?.restarts ?? 0; restart < restarts; restart++) {
      if (restart > 0) onRestart?.({ restarts: restart, images });
      sums = [0, 0, 0, 0];
      await batches.run(
        parameters,
        ({ from, count, outputs: [clean, robust, bounds, nll, wrong, pixels] }) => {
          checkBounds({ norm, epsilon: settings.epsilon }, bounds!);
          [...clean!, ...robust!].forEach((value, i) => (sums[i]! += value));
          attacked?.take(from, changed(images, from, count, nll!, wrong!), pixels!);
          images.nll.set(nll!.subarray(0, count), from);
          images.wrong.set(wrong!.subarray(0, count), from);
        },
        pause,
        extra(images, restart),
      );
    }
    const [cleanNll, cleanWrong, robustNll, robustWrong] = sums.map((sum) => sum / data.count);
    return {
      cleanNll: cleanNll!,
      cleanError: 100 * cleanWrong!,
      robustNll: robustNll!,
      robustError: 100 * robustWrong!,
      n: data.count,
      images,
      attacked: attacked && attacked.pixels,
    };
  };
  return { batches: restarts * batches.calls, attack, dispose: () => batches.dispose() };
}

/** Depends on the batch and the restart alone: every t is attacked from the same points. */
function startSeed(seed: number, restart: number, from: number): number[] {
  return [...opSeed(seed, restart === 0 ? 'attack-start' : `attack-restart-${restart}`, from)];
}

function padded(values: Float32Array, size: number): tf.Tensor {
  const whole = new Float32Array(size);
  whole.set(values);
  return tf.tensor1d(whole);
}

/**
 * Outputs: clean and robust [Σ CE, Σ wrong], [largest |change|, smallest, largest pixel] of this start,
 * and the worst outcome of each image so far as CE [batch] and wrong [batch], which robust sums; if
 * asked for, the images that this start made.
 */
function attackOf(
  target: Target,
  norm: Norm,
  settings: AttackSettings,
  withImages: boolean,
): BatchLoop {
  const open: BatchLoop['open'] = (parameters, { images, labels, weights }, seed, ...before) => {
    const gradient = target.gradient(parameters, labels);
    const ascent = {
      epsilon: tf.scalar(settings.epsilon),
      stepSize: tf.scalar(settings.stepSize),
      startSeed: settings.randomStart ? seed : null,
    };
    const score = (x: tf.Tensor) => target.scores(parameters, x, labels);
    return {
      begin: () => [startingPoint(images, norm, ascent)],
      step: ([x]) => [climb(x!, gradient, images, norm, ascent)],
      finish([x]) {
        const adversarial = x!;
        const worst = worse(before as [tf.Tensor, tf.Tensor], score(adversarial));
        return [
          weightedSums(score(images), weights),
          weightedSums(worst, weights),
          tf.stack([
            tf.max(norm.length(tf.sub(adversarial, images))),
            tf.min(adversarial),
            tf.max(adversarial),
          ]),
          ...worst,
          ...(withImages ? [adversarial] : []),
        ];
      },
    };
  };
  return { steps: settings.steps, open };
}
