/** The forward pass: what each layer record does to a batch. */
import * as tf from '@tensorflow/tfjs';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import {
  averagePool,
  bareConvolve,
  convolve,
  dense,
  globalAverage,
  maxPool,
  padChannels,
  relu,
} from './kernels.js';
import { implicitLayer } from './implicit-layer.js';

/** Weights by name, and what differs between training and evaluation. */
export interface ForwardPass {
  readonly weight: (name: string) => tf.Tensor;
  /** Dropout in training, the identity in evaluation. */
  readonly drop: (x: tf.Tensor) => tf.Tensor;
  /** Batch norm of that name: by the batch in training, by the running statistics in evaluation. */
  readonly normalise: (name: string, x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => tf.Tensor;
}

/** Applies layers one after the other to x [batch, ...], the shape of one image or of its features. */
export function forward(
  layers: readonly LayerRecord[],
  x: tf.Tensor,
  pass: ForwardPass,
): tf.Tensor {
  return layers.reduce((value, layer) => applyLayer(layer, value, pass), x);
}

function applyLayer(layer: LayerRecord, x: tf.Tensor, pass: ForwardPass): tf.Tensor {
  switch (layer.kind) {
    case 'convolution': {
      const { name, stride = 1, padding, bias = true } = layer;
      const weight = pass.weight(`${name}.weight`);
      const options = { stride, ...(padding === undefined ? {} : { padding }) };
      return bias
        ? convolve(x, weight, pass.weight(`${name}.bias`), options)
        : bareConvolve(x, weight, options);
    }
    case 'dense':
      return dense(x, pass.weight(`${layer.name}.weight`), pass.weight(`${layer.name}.bias`));
    case 'implicit':
      return implicitLayer(layer, x, pass.weight);
    case 'batch-norm': {
      const { name } = layer;
      return pass.normalise(name, x, pass.weight(`${name}.gamma`), pass.weight(`${name}.beta`));
    }
    case 'residual': {
      const inside = withPrefix(`${layer.name}.`, pass);
      const branch = forward(layer.branch, x, inside);
      return tf.add(branch, forward(layer.shortcut ?? [], x, inside));
    }
    case 'max-pool':
      return maxPool(x, layer.size, layer.stride);
    case 'average-pool':
      return averagePool(x, layer.size, layer.stride);
    case 'normalise':
      return tf.div(tf.sub(x, tf.tensor1d([...layer.mean])), tf.tensor1d([...layer.deviation]));
    case 'pad-channels':
      return padChannels(x, layer.before, layer.after);
    case 'relu':
      return relu(x);
    case 'leaky-relu':
      return tf.leakyRelu(x, layer.slope ?? 0.01);
    case 'softplus':
      return tf.softplus(x);
    case 'tanh':
      return tf.tanh(x);
    case 'dropout':
      return pass.drop(x);
    case 'flatten':
      return x.reshape([x.shape[0], x.size / x.shape[0]]);
    case 'global-average-pool':
      return globalAverage(x);
    default:
      throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
  }
}

/** The same pass for layers whose names lack the prefix of their block. */
function withPrefix(prefix: string, { weight, drop, normalise }: ForwardPass): ForwardPass {
  return {
    drop,
    weight: (name) => weight(prefix + name),
    normalise: (name, x, gamma, beta) => normalise(prefix + name, x, gamma, beta),
  };
}
