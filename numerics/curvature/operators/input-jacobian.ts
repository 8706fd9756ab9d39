/** Class probabilities and the Jacobian of the logits, less that of the last, with respect to each image. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type BatchFunction, type Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import { inFloat32 } from '../../graph/in-float32.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import type { LoggedJacobian } from './gauss-newton.js';

/** Class probabilities and logit Jacobian of each image, for the closed form J^T S J. */
export interface JacobianFunction {
  /** Visits every image of the data set in order. */
  each(
    parameters: ParameterTensors,
    visit: (jacobian: LoggedJacobian, image: number) => void,
    pause: Pause,
  ): Promise<void>;
  dispose(): void;
}

/** Compiles it for batches of `batchSize` images. */
export function createJacobian(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): JacobianFunction {
  const batches = overBatches(host, model, data, batchSize, logitJacobian(model, data.classes));
  return {
    each: (parameters, visit, pause) =>
      batches.run(
        parameters,
        ({ from, count, outputs: [logits, ...rows] }) => {
          for (let i = 0; i < count; i++) visit(jacobianAt(logits!, rows, i), from + i);
        },
        pause,
      ),
    dispose: () => batches.dispose(),
  };
}

/**
 * Outputs: logits [batch, classes], then for each class but the last the gradient [batch, h, w, c]
 * of Σ_i (z_ic - z_iC); the images of a batch do not see each other, so this is row c of every
 * image's Jacobian at once, less row C. S = diag(p) - p p^T takes a common row of J to 0, so that
 * of the last class need not be computed: J less it in every row gives the same J^T S J.
 */
function logitJacobian(model: Model, classes: number): BatchFunction {
  return (parameters, { images }) =>
    inFloat32(() => {
      const excess = (c: number) => (x: tf.Tensor) => {
        const logits = model.apply(parameters, x);
        const column = (k: number) => tf.slice(logits, [0, k], [logits.shape[0], 1]);
        return tf.sum(tf.sub(column(c), column(classes - 1)));
      };
      const rows = Array.from({ length: classes - 1 }, (_, c) => tf.grad(excess(c))(images));
      return [model.apply(parameters, images), ...rows];
    });
}

/** Image i of the batch: rows are [batch · size] per class but the last, logits [batch · classes]. */
function jacobianAt(
  logits: Float32Array,
  rows: readonly Float32Array[],
  i: number,
): LoggedJacobian {
  const classes = rows.length + 1;
  const size = (rows[0]!.length / logits.length) * classes;
  const computed = rows.map((row) => new Float64Array(row.subarray(i * size, (i + 1) * size)));
  return {
    rows: [...computed, new Float64Array(size)],
    ...softmax(logits.subarray(i * classes, (i + 1) * classes)),
  };
}

/**
 * p and log p of logits z [classes]. In float64: S = diag(p) - p p^T lives on 1 - p, which float32 leaves a few
 * per cent of accuracy where the network is sure. log p_c = z_c - max z - log Σ exp(z - max z) stays finite where
 * p_c underflows.
 */
export function softmax(
  logits: Float32Array,
): Pick<LoggedJacobian, 'probabilities' | 'logProbabilities'> {
  const top = Math.max(...logits);
  const powers = Array.from(logits, (z) => Math.exp(z - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return {
    probabilities: powers.map((power) => power / sum),
    logProbabilities: Array.from(logits, (z) => z - top - Math.log(sum)),
  };
}
