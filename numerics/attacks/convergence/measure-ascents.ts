/** Ascents of the loss of many images from several random starts, compiled once for a set of images. */
import { overBatches, type Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { opSeed } from '../../random.js';
import * as tf from '@tensorflow/tfjs';
import { singleNetwork } from '../procedure/model-under-attack.js';
import { seedTensor } from '../runner/rows.js';
import { tracedAscent, type TracedAscentSettings } from './traced-ascent.js';

/** The ascent of one image from one start. */
export interface Ascent {
  /** Cross-entropy in nats, relative FOSC, and 1 where misclassified, after 0 … `steps` steps, [steps + 1] each. */
  readonly nll: Float32Array;
  readonly relativeFosc: Float32Array;
  readonly wrong: Float32Array;
  /** After the last step, [pixels]. */
  readonly perturbation: Float32Array;
}

/** Settings of the ascents; the first start is that of an attack with this seed. */
export interface AscentsSettings extends TracedAscentSettings {
  readonly starts: number;
  readonly seed: number;
}

/** Compiled ascents. */
export interface Ascents {
  /** Native calls of one measurement; `pause` follows each. */
  readonly calls: number;
  /** By image, then by start. */
  measure(weights: ParameterTensors, pause: Pause): Promise<readonly (readonly Ascent[])[]>;
  dispose(): void;
}

/** Compiles the ascents for batches of `batchSize` images. */
export function createAscents(
  host: GraphHost,
  model: Model,
  settings: AscentsSettings,
  data: ResidentData,
  batchSize: number,
): Ascents {
  const { starts, seed } = settings;
  const size = Math.min(batchSize, data.count);
  const batches = overBatches(host, model, data, size, {
    work: tracedAscent(singleNetwork(model), settings),
    exampleExtra: () => [tf.zeros([size, 2], 'int32')],
  });
  const seedsFor = (start: number, from: number) =>
    Array.from({ length: Math.min(size, data.count - from) }, (_, i) => ({
      seed: opSeed(seed, `attack-pass-${start}`, from + i),
    }));
  const measure: Ascents['measure'] = async (weights, pause) => {
    const found: Ascent[][] = Array.from({ length: data.count }, () => []);
    for (let start = 0; start < starts; start++) {
      await batches.run(
        weights,
        ({ from, count, outputs }) => {
          const [perturbations, nll, relativeFosc, wrong] = outputs.map((values) =>
            rowsOf(values, size),
          );
          for (let i = 0; i < count; i++) {
            const perturbation = perturbations![i]!;
            const traces = { nll: nll![i]!, relativeFosc: relativeFosc![i]!, wrong: wrong![i]! };
            found[from + i]!.push({ perturbation, ...traces });
          }
        },
        pause,
        (from) => [seedTensor(seedsFor(start, from), size)],
      );
    }
    return found;
  };
  return { calls: batches.calls * starts, measure, dispose: () => batches.dispose() };
}

/** The rows of a [rows, …] tensor. */
function rowsOf(values: Float32Array, rows: number): readonly Float32Array[] {
  const length = values.length / rows;
  return Array.from({ length: rows }, (_, i) => values.slice(i * length, (i + 1) * length));
}
