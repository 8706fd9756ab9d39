/**
 * Exact products with the Hessian of the cross-entropy, with respect to the weights or the images:
 * the gradient is captured once, forward mode is appended to it (Pearlmutter 1994). Nested tf.grad
 * would be wrong without an error here, since tfjs takes what a gradient saved for constant.
 */
import * as tf from '@tensorflow/tfjs';
import { gathering, type ResidentData } from '../../data/resident.js';
import { capture } from '../../graph/capture.js';
import { inFloat32 } from '../../graph/in-float32.js';
import type { Graph } from '../../graph/graph.js';
import { tangent } from '../../graph/tangent.js';
import { crossEntropies } from '../../losses/cross-entropy.js';
import { weightSpecs, type Model } from '../../models/model.js';
import { imageGradient, type BatchTensors } from '../../losses/training-loss.js';

/**
 * Inputs: weights (parameters n, then statistics), pixels, labels, indices [batch], a [batch],
 * directions (n). Outputs: the products (n), of the Hessian of Σ_i a_i CE_i in the parameters. The
 * loss is that of evaluation: the statistics of batch norm are constants, those of that point.
 */
export function parameterProductGraph(model: Model, data: ResidentData, batch: number): Graph {
  const specs = weightSpecs(model);
  const gradient = gathering(specs.length, data.classes, (...inputs) => {
    const [images, labels, weights] = inputs.slice(specs.length);
    return parameterGradient(model, inputs.slice(0, specs.length), {
      images: images!,
      labels: labels!,
      weights: weights!,
    });
  });
  const state = specs.map(({ shape }) => tf.zeros([...shape]));
  const selection = [tf.zeros([batch], 'int32'), tf.zeros([batch])];
  const captured = inFloat32(() =>
    capture(gradient, [...state, data.pixels, data.labels, ...selection]),
  );
  tf.dispose([...state, ...selection]);
  const moving = model.parameters.map((_, i) => i);
  return productsOnly(tangent(captured, moving), moving.length);
}

/**
 * Inputs: weights (n), images [batch, h, w, c], one-hot labels, directions [batch, h, w, c].
 * Output: for each image the product of its own Hessian, that of its CE_i: a batch is block
 * diagonal, since its images do not see each other.
 */
export function imageProductGraph(model: Model, data: ResidentData, batch: number): Graph {
  const specs = weightSpecs(model);
  const n = specs.length;
  const weights = specs.map(({ shape }) => tf.zeros([...shape]));
  const example = [tf.zeros([batch, ...data.shape]), tf.zeros([batch, data.classes])];
  const captured = inFloat32(() =>
    capture(
      (...inputs) => [imageGradient(model, inputs.slice(0, n), inputs[n + 1]!)(inputs[n]!)],
      [...weights, ...example],
    ),
  );
  tf.dispose([...weights, ...example]);
  return productsOnly(tangent(captured, [n]), 1);
}

/** Gradients of Σ_i a_i CE_i, one per parameter; `state` is the parameters, then the batch-norm statistics. */
function parameterGradient(
  model: Model,
  state: tf.Tensor[],
  { images, labels, weights }: BatchTensors,
): tf.Tensor[] {
  const n = model.parameters.length;
  const loss = (...w: tf.Tensor[]): tf.Scalar => {
    const logits = model.apply([...w, ...state.slice(n)], images);
    return tf.sum(tf.mul(crossEntropies(logits, labels), weights));
  };
  return tf.grads(loss)(state.slice(0, n));
}

/** The gradients themselves are needed inside the graph only. */
function productsOnly(graph: Graph, gradients: number): Graph {
  return { ...graph, outputs: graph.outputs.slice(gradients) };
}
