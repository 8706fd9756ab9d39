/** Gradient ascent on one batch as a graph: from the images to the outcome of each and the sums over all. */
import * as tf from '@tensorflow/tfjs';
import type { BatchLoop } from '../../evaluation/batched.js';
import { weightedSums } from '../../evaluation/evaluate.js';
import { climb, startingPoint } from '../pgd/gradient-ascent.js';
import type { Norm } from '../norms/norm.js';
import { outcomeFields, type CleanPredictions, type Outcome } from './outcomes.js';
import type { Target } from './target.js';
import { worse } from './worst-case.js';

export interface AscentSettings {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
}

/** Outputs of the graph for one batch. */
export interface AttackedBatch {
  /** [Σ CE, Σ wrong] before the attack, and of the worst outcomes so far. */
  readonly cleanSums: Float32Array;
  readonly robustSums: Float32Array;
  /** Longest perturbation, smallest and largest pixel of this start. */
  readonly extremes: Float32Array;
  /** [batch] each. */
  readonly clean: CleanPredictions;
  readonly worst: Outcome<Float32Array>;
  /** The adversarial examples of this start [batch · size]; absent unless asked for. */
  readonly pixels?: Float32Array;
}

/**
 * The loop of the attack on a batch. After the images it is fed the seed [2] of its random start and the outcomes of
 * earlier starts, [batch] for each of `outcomeFields`.
 */
export function attackLoop(
  target: Target,
  norm: Norm,
  settings: AscentSettings,
  withImages: boolean,
): BatchLoop {
  const open: BatchLoop['open'] = (parameters, { images, labels, weights }, seed, ...before) => {
    const gradient = target.gradient(parameters, labels);
    const ascent = {
      epsilon: tf.scalar(settings.epsilon),
      stepSize: tf.scalar(settings.stepSize),
      startSeed: settings.randomStart ? seed : null,
    };
    const earlier = Object.fromEntries(outcomeFields.map((field, i) => [field, before[i]!]));
    const score = (x: tf.Tensor) => target.scores(parameters, x, labels);
    return {
      begin: () => [startingPoint(images, norm, ascent)],
      step: ([x]) => [climb(x!, gradient, images, norm, ascent)],
      finish([x]) {
        const adversarial = x!;
        const distance = norm.length(tf.sub(adversarial, images));
        const clean = score(images);
        const found = { ...score(adversarial), distance };
        const worst = worse(earlier as Outcome<tf.Tensor>, found);
        return [
          weightedSums([clean.nll, clean.wrong], weights),
          weightedSums([worst.nll, worst.wrong], weights),
          tf.stack([tf.max(distance), tf.min(adversarial), tf.max(adversarial)]),
          ...[clean.nll, clean.predicted],
          ...outcomeFields.map((field) => worst[field]),
          ...(withImages ? [adversarial] : []),
        ];
      },
    };
  };
  return { steps: settings.steps, open };
}

/** Its outputs by name. */
export function readBatch(outputs: readonly Float32Array[]): AttackedBatch {
  const [cleanSums, robustSums, extremes, nll, predicted, ...ofImages] = outputs;
  const pixels = ofImages[outcomeFields.length];
  const worst = Object.fromEntries(outcomeFields.map((field, i) => [field, ofImages[i]!]));
  return {
    ...{ cleanSums: cleanSums!, robustSums: robustSums!, extremes: extremes! },
    clean: { nll: nll!, predicted: predicted! },
    worst: worst as Outcome<Float32Array>,
    ...(pixels ? { pixels } : {}),
  };
}
