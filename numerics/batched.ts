/** A function of weights and a batch, compiled once and run over a whole data set in order. */
import * as tf from '@tensorflow/tfjs';
import { batchAt, batchCount, inOrder } from './data/batches.js';
import { gathering, type ResidentData } from './data/resident.js';
import { capture } from './graph/capture.js';
import type { GraphHost } from './graph/compile.js';
import { compileStateful } from './graph/compile-stateful.js';
import { weightSpecs, type Model } from './models/model.js';
import type { ParameterTensors } from './parameters.js';
import type { BatchTensors } from './training/loss.js';

/** Called after every batch, so that the caller sees signals; may end the work by throwing. */
export type Pause = () => void | Promise<void>;

export type BatchFunction = (
  weights: ParameterTensors,
  batch: BatchTensors,
  ...extra: tf.Tensor[]
) => tf.Tensor[];

/** Values of the outputs for one batch: images `from` … `from + count - 1` of the data set. */
export interface BatchValues {
  readonly from: number;
  readonly count: number;
  readonly outputs: readonly Float32Array[];
}

export interface Batched {
  /** How many there are. */
  readonly count: number;
  /** `extra` makes the further arguments of the batch that starts at image `from`. */
  run(
    weights: ParameterTensors,
    visit: (values: BatchValues) => void,
    pause: Pause,
    extra?: (from: number) => tf.Tensor[],
  ): Promise<void>;
  dispose(): void;
}

/** Batches have `batchSize` images, or all where there are fewer; outputs must be float32. */
export function overBatches(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
  f: BatchFunction,
  exampleExtra: () => tf.Tensor[] = () => [],
): Batched {
  const size = Math.min(batchSize, data.count);
  const specs = weightSpecs(model);
  const n = specs.length;
  const examples = tf.tidy(() => [
    ...specs.map((spec) => tf.zeros([...spec.shape])),
    tf.zeros([size], 'int32'),
    tf.zeros([size]),
    ...exampleExtra(),
  ]);
  const kept = [...examples.slice(0, n), data.pixels, data.labels];
  const graph = capture(
    gathering(n, data.classes, (...inputs) => {
      const [images, labels, weights, ...extra] = inputs.slice(n) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        ...tf.Tensor[],
      ];
      return f(inputs.slice(0, n), { images, labels, weights }, ...extra);
    }),
    [...kept, ...examples.slice(n)],
  );
  const compiled = compileStateful(host, [], kept, [graph]);
  tf.dispose(examples);

  const run: Batched['run'] = async (parameters, visit, pause, extra = () => []) => {
    const order = inOrder(data.count);
    compiled.hold([...parameters, data.pixels, data.labels]);
    for (let from = 0; from < data.count; from += size) {
      const { indices, weights, count } = batchAt(order, from, size);
      const further = extra(from);
      const results = compiled.step(0, [indices, weights, ...further]);
      const outputs = results.map((result) => result.dataSync<'float32'>());
      tf.dispose([...results, indices, weights, ...further]);
      visit({ from, count, outputs });
      await pause();
    }
  };
  return { count: batchCount(data.count, size), run, dispose: () => compiled.dispose() };
}
