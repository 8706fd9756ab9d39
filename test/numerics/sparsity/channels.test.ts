// Channels cut away: the smaller network has the logits of the one with zeros; one that forgets a part has not.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { modelLayers } from '../../../experiment/catalogue/models/index.js';
import { weightSpecs } from '../../../numerics/models/model.js';
import { network } from '../../../numerics/models/network.js';
import {
  parameterSize,
  toTensors,
  type ParameterValues,
} from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import {
  channelMask,
  cutChannels,
  cutTensor,
  type ChannelCut,
} from '../../../numerics/sparsity/channels.js';
import { difference, expectNoLeaks } from '../engine.js';

expectNoLeaks();

const shape = [12, 12, 2] as const;
const classes = 5;
const initial = 'he-normal';
/** Every kind of layer that may stand in a chain. */
const layers: readonly LayerRecord[] = [
  { kind: 'normalise', mean: [0.5], deviation: [0.25] },
  { kind: 'convolution', name: 'conv1', filters: 6, size: 3, initial },
  { kind: 'batch-norm', name: 'bn1' },
  { kind: 'relu' },
  { kind: 'max-pool', size: 2, stride: 2 },
  { kind: 'convolution', name: 'conv2', filters: 8, size: 3, stride: 2, initial },
  { kind: 'leaky-relu' },
  { kind: 'average-pool', size: 3, stride: 3 },
  { kind: 'flatten' },
  { kind: 'dense', name: 'fc1', units: 7, initial },
  { kind: 'tanh' },
  { kind: 'dense', name: 'fc2', units: 'classes', initial },
];
const whole = network({ name: 'whole', layers, shape, classes });

/** All tensors random, statistics and biases too. */
const values: ParameterValues = new Map(
  weightSpecs(whole).map((spec, k) => {
    const drawn = normals(stream(1, 'probe', k), parameterSize(spec));
    const isVariance = spec.name.endsWith('.variance');
    return [spec.name, Float32Array.from(drawn, (z) => (isVariance ? 0.5 + z * z : 0.3 * z))];
  }),
);

function logits(name: string, of: readonly LayerRecord[], weights: ParameterValues): tf.Tensor {
  const model = network({ name, layers: of, shape, classes });
  const images = tf.tensor(Float32Array.from(normals(stream(2, 'probe', 0), 3 * 288), Math.abs), [3, ...shape]); // prettier-ignore
  return model.apply(toTensors(weightSpecs(model), weights), images);
}

function zeroed({ kept }: ChannelCut, forgotten = /^$/): ParameterValues {
  return new Map(
    kept.map((tensor) => {
      const mask = channelMask(tensor);
      const stays = forgotten.test(tensor.name) || /\.(mean|variance)$/.test(tensor.name);
      return [tensor.name, values.get(tensor.name)!.map((w, i) => (stays ? w : w * mask[i]!))];
    }),
  );
}

const small = ({ kept }: ChannelCut): ParameterValues =>
  new Map(kept.map((one) => [one.name, cutTensor(one, values.get(one.name)!).values]));

describe('a network without half of its channels', () => {
  const cut = cutChannels({ layers, shape, classes }, values, 0.5);

  test('has the logits of the one with zeros in their place', () => {
    tf.tidy(() => {
      const [a, b] = [logits('zeros', layers, zeroed(cut)), logits('cut', cut.layers, small(cut))];
      // Sums of fewer terms in another order, of logits around 1.
      expect(difference(a, b)).toBeLessThan(1e-5);
      expect(difference(a, logits('whole', layers, values))).toBeGreaterThan(1e-2);
    });
  });

  test.each([/conv2\.bias/, /bn1\.beta/, /fc1\.bias/])(
    'and would not if %s stayed',
    (forgotten) => {
      tf.tidy(() => {
        const a = logits('zeros', layers, zeroed(cut, forgotten));
        // The weights that read the channel are zero as well, so let them stay, too.
        const next = { bias: /conv2\.bias|fc1\.weight/, beta: /bn1\.beta|conv2\.weight/, fc1: /fc1\.bias|fc2\.weight/ }; // prettier-ignore
        const part = /bn1/.test(forgotten.source) ? next.beta : /fc1/.test(forgotten.source) ? next.fc1 : next.bias; // prettier-ignore
        const b = logits('cut', cut.layers, small(cut));
        expect(difference(a, b)).toBeLessThan(1e-5);
        expect(difference(logits('left', layers, zeroed(cut, part)), b)).toBeGreaterThan(1e-3);
      });
    },
  );

  test('has half of the channels, all classes, and fewer products in proportion', () => {
    expect(cut.layers.map((layer) => ('filters' in layer ? layer.filters : 'units' in layer ? layer.units : null)).filter((n) => n !== null)).toEqual([3, 4, 4, 'classes']); // prettier-ignore
    const model = network({ name: 'cut', layers: cut.layers, shape, classes });
    expect(model.parameters.map(({ shape: sides }) => sides)).toEqual(
      cut.kept.filter(({ name }) => !/\.(mean|variance)$/.test(name)).map((one) => cutTensor(one, values.get(one.name)!).shape), // prettier-ignore
    );
  });

  test('nothing goes at fraction 0', () => {
    const none = cutChannels({ layers, shape, classes }, values, 0);
    expect(none.layers).toEqual(layers);
    expect(small(none)).toEqual(values);
  });
});

test.each([
  ['preresnet26', /no channel can be cut: the block .* adds two branches/],
  ['nemon', /no channel can be cut: .* is implicit/],
] as const)('%s is refused by name', (model, message) => {
  const of = { layers: modelLayers(model), shape: [32, 32, 3], classes: 10 };
  expect(() => cutChannels(of, new Map(), 0.5)).toThrow(message);
});
