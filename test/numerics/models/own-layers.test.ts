/** Networks that a user writes as layers compute what networks of the catalogue do, bit by bit. */
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { graphDigest } from '../../../engine/process/graph-files.js';
import { bareKinds, layerFields } from '../../../experiment/config/layers.js';
import { readLayers } from '../../../experiment/file/read-layers.js';
import {
  imageProductGraph,
  parameterProductGraph,
} from '../../../numerics/curvature/operators/hessian.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { capture } from '../../../numerics/graph/capture.js';
import { lossAndGradients } from '../../../numerics/losses/training-loss.js';
import { weightSpecs, type Model } from '../../../numerics/models/model.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { expectNoLeaks } from '../engine.js';

expectNoLeaks();

const shape = [28, 28, 1] as const;
const cnnSmall = [
  { conv: { filters: 16, size: 3 } },
  { 'max-pool': 2 },
  'relu',
  { conv: { filters: 32, size: 3, padding: 1 } },
  { 'max-pool': { size: 2, stride: 2 } },
  'relu',
  'flatten',
  { dense: 100 },
  'relu',
  { dense: { units: 'classes' } },
];
const own = (layers: readonly unknown[]) => modelFor(readLayers({ layers }), shape, 10);

/** Graph digests of the logits and of a training step's gradients, and the logits of initial weights. */
function computed(model: Model) {
  const n = model.parameters.length;
  return tf.tidy(() => {
    const weights = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
    const pixels = Float32Array.from({ length: 3 * 784 }, (_, i) => (i % 251) / 251);
    const images = tf.tensor(pixels, [3, ...shape]);
    const labels = tf.oneHot([1, 2, 3], 10).toFloat();
    const graph = capture(
      (...given) => [
        model.apply(given.slice(0, n), given[n]!),
        ...lossAndGradients(model, given.slice(0, n), {
          ...{ images: given[n]!, labels: given[n + 1]!, weights: given[n + 2]! },
        }).gradients,
      ],
      [...weights, images, labels, tf.ones([3])],
    );
    return { graph: graphDigest(graph.nodes), logits: model.apply(weights, images).dataSync() };
  });
}

test('the layers of cnn-small give its graph and the bits of its logits', () => {
  expect(computed(own(cnnSmall))).toEqual(computed(modelFor('cnn-small', shape, 10)));
  const other = computed(own(cnnSmall.with(5, 'tanh')));
  expect(other).not.toEqual(computed(own(cnnSmall)));
});

test('every kind of layer has first and second derivatives, in images and weights', () => {
  const layers: readonly unknown[] = [
    { scale: 0.5 },
    { normalise: { mean: [0.3], std: [0.4] } },
    { conv: { filters: 2, size: 3, stride: 2 } },
    'batch-norm',
    ...['relu', 'softplus', 'tanh', 'leaky-relu', 'dropout'],
    { residual: { body: [{ conv: { filters: 2, size: 3 } }], shortcut: ['softplus'] } },
    { 'max-pool': 2 },
    { 'avg-pool': 2 },
    { residual: { body: ['tanh'] } },
    'global-avg-pool',
    'flatten',
    { implicit: { units: 3, iterations: 2 } },
    { dense: 'classes' },
  ];
  const used = layers.map((layer) => (typeof layer === 'string' ? layer : Object.keys(layer!)[0]!));
  const all = new Set<string>([...bareKinds, ...Object.keys(layerFields), 'residual']);
  expect(new Set(used)).toEqual(all);
  const model = own(layers);
  expect(weightSpecs(model).length).toBe(15);
  const pixels = new Uint8Array(2 * 784);
  const images = { count: 2, shape, pixels, labels: Uint8Array.of(0, 1) };
  const data = makeResident(images, 10);
  expect(imageProductGraph(model, data, 2).outputs.length).toBe(1);
  expect(parameterProductGraph(model, data, 2).outputs.length).toBe(model.parameters.length);
  data.dispose();
});
