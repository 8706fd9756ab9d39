/** Interval rules of layers: a box of what enters to a box of what leaves (interval bound propagation). */
import * as tf from '@tensorflow/tfjs';
import type {
  ImplicitRecord,
  LayerRecord,
} from '../../experiment/catalogue/models/layer-records.js';
import { scaleOf } from '../models/batch-norm.js';
import { implicitCoupling } from '../models/implicit-layer.js';
import {
  averagePool,
  bareConvolve,
  globalAverage,
  maxPool,
  padChannels,
  relu,
} from '../models/kernels.js';
import { implicitBox, type ImplicitBox } from './implicit-box.js';
import { affine, monotone, type Interval } from './interval.js';

/** Weights by name (convolutions with the batch norm after them), and how boxes of implicit layers are found. */
export interface IntervalPass {
  readonly weight: (name: string) => tf.Tensor;
  /** Default `implicitBox`. */
  readonly implicit?: (given: ImplicitBox) => Interval;
}

/** The box after layers that follow each other. */
export function intervalForward(
  layers: readonly LayerRecord[],
  box: Interval,
  pass: IntervalPass,
): Interval {
  return layers.reduce((value, layer) => layerBox(layer, value, pass), box);
}

function layerBox(layer: LayerRecord, box: Interval, pass: IntervalPass): Interval {
  const { weight } = pass;
  switch (layer.kind) {
    case 'convolution': {
      const { name, stride = 1, padding, bias = true } = layer;
      const options = { stride, ...(padding === undefined ? {} : { padding }) };
      const kernels = weight(`${name}.weight`);
      const by = (w: tf.Tensor) => (x: tf.Tensor) => bareConvolve(x, w, options);
      const offset = bias ? weight(`${name}.bias`) : null;
      return affine(box, by(kernels), by(tf.abs(kernels)), offset);
    }
    case 'dense':
      return denseBox(box, weight(`${layer.name}.weight`), weight(`${layer.name}.bias`));
    case 'implicit':
      return implicitLayerBox(layer, box, pass);
    case 'batch-norm':
      return batchNormBox(layer.name, box, weight);
    case 'residual': {
      const at = (name: string) => weight(`${layer.name}.${name}`);
      const branch = intervalForward(layer.branch, box, { ...pass, weight: at });
      const shortcut = intervalForward(layer.shortcut ?? [], box, { ...pass, weight: at });
      return {
        lower: tf.add(branch.lower, shortcut.lower),
        upper: tf.add(branch.upper, shortcut.upper),
      };
    }
    case 'max-pool':
      return monotone(box, (x) => maxPool(x, layer.size, layer.stride));
    case 'average-pool':
      return monotone(box, (x) => averagePool(x, layer.size, layer.stride));
    case 'global-average-pool':
      return monotone(box, globalAverage);
    case 'normalise': {
      const [mean, deviation] = [tf.tensor1d([...layer.mean]), tf.tensor1d([...layer.deviation])];
      return monotone(box, (x) => tf.div(tf.sub(x, mean), deviation));
    }
    case 'pad-channels':
      return monotone(box, (x) => padChannels(x, layer.before, layer.after));
    case 'relu':
      return monotone(box, relu);
    case 'leaky-relu': {
      const { slope = 0.01 } = layer;
      if (slope < 0) throw new Error('leaky ReLU with a negative slope has no interval rule');
      return monotone(box, (x) => tf.leakyRelu(x, slope));
    }
    case 'softplus':
      return monotone(box, (x) => tf.softplus(x));
    case 'tanh':
      return monotone(box, (x) => tf.tanh(x));
    case 'flatten':
      return monotone(box, (x) => tf.reshape(x, [x.shape[0], -1]));
    case 'dropout':
      return box;
    default:
      throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
  }
}

/** x [batch, in] W [in, out] + b [out] of a box. */
function denseBox(box: Interval, weight: tf.Tensor, bias: tf.Tensor): Interval {
  const by = (w: tf.Tensor) => (x: tf.Tensor) => tf.matMul<tf.Tensor>(x, w);
  return affine(box, by(weight), by(tf.abs(weight)), bias);
}

function implicitLayerBox(
  layer: ImplicitRecord,
  box: Interval,
  { weight, implicit = implicitBox }: IntervalPass,
): Interval {
  const { name } = layer;
  return implicit({
    layer,
    matrix: implicitCoupling(layer, weight),
    d: tf.exp(weight(`${name}.scaling`)),
    entering: denseBox(box, weight(`${name}.weight`), weight(`${name}.bias`)),
  });
}

/** By the running statistics, as in evaluation. */
function batchNormBox(name: string, box: Interval, weight: IntervalPass['weight']): Interval {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map((what) =>
    weight(`${name}.${what}`),
  );
  const scale = scaleOf(gamma!, variance!);
  const shift = tf.sub(beta!, tf.mul(mean!, scale));
  const by = (factor: tf.Tensor) => (x: tf.Tensor) => tf.mul(x, factor);
  return affine(box, by(scale), by(tf.abs(scale)), shift);
}
