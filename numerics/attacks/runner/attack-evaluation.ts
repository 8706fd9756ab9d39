/** What an attack does to one set of weights: scores before and after, and a check of the attack itself. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type BatchValues, type Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { opSeed } from '../../random.js';
import { attackLoop, readBatch, type AscentSettings } from './attack-batch.js';
import { checkBounds } from './bounds.js';
import { changed, createKept } from './kept-images.js';
import type { Norm } from '../norms/norm.js';
import {
  initialOutcomes,
  outcomeFields,
  type CleanPredictions,
  type Outcomes,
} from './outcomes.js';
import type { Target } from './target.js';

export interface AttackSettings extends AscentSettings {
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

/** What an attack did to each image. */
export interface ImageOutcomes {
  readonly clean: CleanPredictions;
  readonly images: Outcomes;
}

export interface AttackOutcome extends AttackScores, ImageOutcomes {
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
    ...outcomeFields.map((field) => padded(outcomes[field].subarray(from, from + size), size)),
  ];
  const loop = attackLoop(target, norm, settings, keep === 'images');
  const batches = overBatches(host, target.model, data, size, loop, () =>
    extra(initialOutcomes(data.count), 0)(0),
  );
  const attack: Attacker['attack'] = async (parameters, pause, from = null, onRestart) => {
    if (keep === 'images' && from) throw new Error('the images of earlier restarts are not there');
    const images = from?.images ?? initialOutcomes(data.count);
    const clean = { nll: new Float32Array(data.count), predicted: new Float32Array(data.count) };
    const kept = keep === 'images' ? createKept(data) : null;
    let sums = [0, 0, 0, 0];
    for (let restart = from?.restarts ?? 0; restart < restarts; restart++) {
      if (restart > 0) onRestart?.({ restarts: restart, images });
      sums = [0, 0, 0, 0];
      const visit = ({ from, count, outputs }: BatchValues): void => {
        const batch = readBatch(outputs);
        checkBounds({ norm, epsilon: settings.epsilon }, batch.extremes);
        [...batch.cleanSums, ...batch.robustSums].forEach((value, i) => (sums[i]! += value));
        for (const i of changed(images, from, count, batch.worst)) {
          images.pass[from + i] = restart;
          if (batch.pixels) kept?.take(from + i, i, batch.pixels);
        }
        copyFields(clean, batch.clean, from, count);
        copyFields(images, batch.worst, from, count);
      };
      await batches.run(parameters, visit, pause, extra(images, restart));
    }
    const scores = scoresOf(sums, data.count);
    return { ...scores, clean, images, attacked: kept && kept.pixels };
  };
  return { batches: restarts * batches.calls, attack, dispose: () => batches.dispose() };
}

function scoresOf(sums: readonly number[], n: number): AttackScores {
  const [cleanNll, cleanWrong, robustNll, robustWrong] = sums.map((sum) => sum / n);
  return {
    ...{ cleanNll: cleanNll!, cleanError: 100 * cleanWrong! },
    ...{ robustNll: robustNll!, robustError: 100 * robustWrong!, n },
  };
}

/** The first `count` values of every field of a batch, to where its images begin. */
function copyFields<K extends string>(
  to: Readonly<Record<NoInfer<K>, Float32Array>>,
  batch: Readonly<Record<K, Float32Array>>,
  from: number,
  count: number,
): void {
  for (const field of Object.keys(batch) as K[]) {
    to[field].set(batch[field].subarray(0, count), from);
  }
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
