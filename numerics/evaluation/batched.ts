/** A function of weights and a batch, compiled once and run over a whole data set in order. */
import * as tf from '@tensorflow/tfjs';
import { batchAt, batchCount, inOrder } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import type { GraphHost } from '../graph/compile.js';
import { compileStateful } from '../graph/stateful/compile-stateful.js';
import { callLoop, withoutLoop, type LoopOver } from '../graph/loop.js';
import { captureLoop, planLoop } from '../graph/loop-calls.js';
import { weightSpecs, type Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';
import type { BatchTensors } from '../losses/training-loss.js';

/** Called after every native call, so that the caller sees signals; may end the work by throwing. */
export type Pause = () => void | Promise<void>;

type BatchInputs = [weights: ParameterTensors, batch: BatchTensors, ...extra: tf.Tensor[]];

/** Outputs of one batch: weights, images and labels, and further inputs. */
export type BatchFunction = (...inputs: BatchInputs) => tf.Tensor[];

/** A function of a batch most of whose work is a loop, which may take several native calls. */
export type BatchLoop = LoopOver<BatchInputs>;

/** Values of the outputs for one batch: images `from` … `from + count - 1` of the data set. */
interface BatchValues {
  readonly from: number;
  readonly count: number;
  readonly outputs: readonly Float32Array[];
}

/** Work on a batch with further inputs, beside weights and images. */
export interface BatchWork {
  readonly work: BatchFunction | BatchLoop;
  /** Tensors like the further inputs. */
  readonly exampleExtra: () => tf.Tensor[];
}

/** A function of batches compiled for a data set. */
export interface Batched {
  /** Native calls of one pass over the data set; `pause` follows each. */
  readonly calls: number;
  /** `extra` makes the further arguments of the batch that starts at image `from`. */
  run(
    weights: ParameterTensors,
    visit: (values: BatchValues) => void,
    pause: Pause,
    extra?: (from: number) => tf.Tensor[],
  ): Promise<void>;
  dispose(): void;
}

/** Compiles a function for batches of `batchSize` images, or of all where there are fewer; its outputs must be float32. */
export function overBatches(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
  f: BatchFunction | BatchLoop | BatchWork,
): Batched {
  const { work, exampleExtra } = 'work' in f ? f : { work: f, exampleExtra: () => [] };
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
  const { steps, open } = typeof work === 'function' ? withoutLoop(work) : work;
  const opened = gathering(n, data.classes, (...inputs) => {
    const [images, labels, weights, ...extra] = inputs.slice(n) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      ...tf.Tensor[],
    ];
    return open(inputs.slice(0, n), { images, labels, weights }, ...extra);
  });
  const inputs = { state: 0, examples: [...kept, ...examples.slice(n)] };
  const loop = { steps, open: opened };
  const { graphs, order, between } = captureLoop(loop, inputs, planLoop(loop, inputs));
  const state = between.map((shape) => tf.zeros([...shape]));
  const compiled = compileStateful(host, state, kept, graphs);
  tf.dispose([...examples, ...state]);

  const run: Batched['run'] = async (parameters, visit, pause, extra = () => []) => {
    const images = inOrder(data.count);
    compiled.hold([...parameters, data.pixels, data.labels]);
    for (let from = 0; from < data.count; from += size) {
      const { indices, weights, count } = batchAt(images, from, size);
      const fed = [indices, weights, ...extra(from)];
      const results = await callLoop(compiled, order, fed, pause).finally(() => tf.dispose(fed));
      const outputs = results.map((result) => result.dataSync<'float32'>());
      tf.dispose(results);
      visit({ from, count, outputs });
      await pause();
    }
  };
  const calls = batchCount(data.count, size) * order.length;
  return { calls, run, dispose: () => compiled.dispose() };
}
