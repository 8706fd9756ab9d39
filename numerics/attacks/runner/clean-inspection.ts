/** Inspects the clean images before an attack: their scores, and two signs that gradients may mislead it. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import { indicator, maxEach } from '../../graph/per-image.js';
import { attackLoss } from '../../losses/attack-losses.js';
import type { ParameterTensors } from '../../models/parameters.js';
import {
  inputGradient,
  scoreImages,
  type ModelUnderAttack,
} from '../procedure/model-under-attack.js';
import type { ThreatModel } from '../procedure/attack.js';
import { stationarity, type Stationarity } from '../procedure/stationarity.js';
import type { Batching } from './compiled-procedure.js';
import { createKeptImages } from './kept-images.js';
import type { CleanPredictions } from './outcomes.js';

/** Scores of the clean images, and signs of masked gradients or of randomness. */
export interface Inspection {
  readonly clean: CleanPredictions;
  /** 1 where the clean image is misclassified, else 0; [count]. */
  readonly wrong: Float32Array;
  /** Stationarity of the clean images as adversarial examples, [count] each. */
  readonly stationarity: Stationarity<Float32Array>;
  /** The images [count · size], in [0,1]; null unless they are to be kept. */
  readonly pixels: Float32Array | null;
  /** Fraction of the images whose cross-entropy has no gradient: an attack that starts there does not move. */
  readonly zeroGradient: number;
  /** Fraction of the images whose cross-entropy changes on re-evaluation: a stochastic model. */
  readonly random: number;
}

/** A compiled inspection. */
export interface Inspector {
  /** Native calls of one inspection; it goes over the images twice. */
  readonly calls: number;
  inspect(weights: ParameterTensors, pause: Pause): Promise<Inspection>;
  dispose(): void;
}

/** Compiles the inspection for batches of `batchSize` images. */
export function createInspector(
  host: GraphHost,
  attacked: ModelUnderAttack,
  threat: ThreatModel,
  data: ResidentData,
  { batchSize, keepImages }: Batching,
): Inspector {
  const { model, networks } = attacked;
  const batches = overBatches(host, model, data, batchSize, (weights, { images, labels }) => {
    const batch = { images, labels, networks: networks(weights) };
    const gradient = inputGradient(batch, attackLoss({ name: 'ce' }, labels, null), images);
    const still = indicator(tf.equal(maxEach(tf.abs(gradient)), 0));
    const { nll, wrong, predicted } = scoreImages(batch, images);
    const { fosc, relativeFosc } = stationarity(batch, threat, images);
    return [nll, wrong, predicted, still, fosc, relativeFosc, ...(keepImages ? [images] : [])];
  });
  const inspect: Inspector['inspect'] = async (weights, pause) => {
    const column = () => new Float32Array(data.count);
    const [nll, wrong, predicted] = [column(), column(), column()];
    const [fosc, relativeFosc] = [column(), column()];
    const kept = keepImages ? createKeptImages(data) : null;
    let [still, changed] = [0, 0];
    for (const again of [false, true]) {
      await batches.run(
        weights,
        ({ from, count, outputs: [losses, errors, classes, zero, gaps, relative, pixels] }) => {
          for (let i = 0; i < count; i++) {
            if (again && losses![i] !== nll[from + i]) changed++;
            nll[from + i] = losses![i]!;
            wrong[from + i] = errors![i]!;
            predicted[from + i] = classes![i]!;
            fosc[from + i] = gaps![i]!;
            relativeFosc[from + i] = relative![i]!;
            if (!again) still += zero![i]!;
            kept?.keep(from + i, i, pixels!);
          }
        },
        pause,
      );
    }
    const fraction = (n: number): number => n / data.count;
    const clean = { nll, predicted };
    const pixels = kept && kept.pixels;
    const signs = { zeroGradient: fraction(still), random: fraction(changed) };
    return { clean, wrong, stationarity: { fosc, relativeFosc }, pixels, ...signs };
  };
  return { calls: 2 * batches.calls, inspect, dispose: () => batches.dispose() };
}
