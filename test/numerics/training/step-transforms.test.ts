/** Step transforms compose: closed forms in float64, and for each property a broken variant that lacks it. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { tensorRecord } from '../../../numerics/graph/tensor-record.js';
import {
  chain,
  descendAlong,
  type StepTransform,
} from '../../../numerics/optimise/step-transform.js';
import { masked, momentum, projected, weightDecay } from '../../../numerics/optimise/transforms.js';
import { fitSpecs } from '../../../numerics/training/curve.js';
import { stateSpecs } from '../../../numerics/training/endpoint.js';
import type { Model } from '../../../numerics/models/model.js';
import { difference, expectNoLeaks, values } from '../engine.js';

expectNoLeaks();

const start = [1, -2, 0.5, 3];
const curvatures = [1, 0.5, 2, 0.1];
const [rate, factor, decay, steps] = [0.1, 0.9, 0.05, 30];

/** Descends ½ Σ a_i w_i² by the transform; every tensor is the caller's tidy's. */
function descend(transform: StepTransform): tf.Tensor {
  let parameters: readonly tf.Tensor[] = [tf.tensor1d(start)];
  let state = transform.init(parameters);
  for (let i = 0; i < steps; i++) {
    const gradients = parameters.map((w) => tf.mul(w, tf.tensor1d(curvatures)));
    const next = transform.update(gradients, { ...state, ...transform.held }, parameters);
    const moved = descendAlong(parameters, next.updates, tf.scalar(rate));
    const after = { ...next.state, ...transform.held };
    parameters = transform.afterStep?.(moved, after) ?? moved;
    state = next.state;
  }
  return parameters[0]!;
}

/** The same in float64 with a constraint after each step. */
function reference(after: (w: number, i: number) => number = (w) => w): number[] {
  return start.map((first, i) => {
    let [w, v] = [first, 0];
    for (let step = 0; step < steps; step++) {
      v = factor * v + curvatures[i]! * w + decay * w;
      w = after(w - rate * v, i);
    }
    return w;
  });
}

describe('a chain of step transforms', () => {
  test('with weight decay and momentum is the recurrence in float64; the other order is not', () => {
    tf.tidy(() => {
      const expected = reference();
      const found = descend(chain(weightDecay(decay), momentum(factor)));
      expect(difference(found, expected)).toBeLessThan(1e-5);
      const decoupled = descend(chain(momentum(factor), weightDecay(decay)));
      expect(difference(decoupled, expected)).toBeGreaterThan(1e-2);
    });
  });

  test('keeps masked weights zero; without the mask they move', () => {
    tf.tidy(() => {
      const kept = [1, 0, 1, 0];
      const mask = masked([{ position: 0, kept: tf.tensor1d(kept) }]);
      const sgd = [weightDecay(decay), momentum(factor)];
      const found = descend(chain(...sgd, mask));
      expect(
        difference(
          found,
          reference((w, i) => w * kept[i]!),
        ),
      ).toBeLessThan(1e-5);
      expect(values(found).map((w) => w === 0)).toEqual([false, true, false, true]);
      expect(values(descend(chain(...sgd))).every((w) => w !== 0)).toBe(true);
    });
  });

  test('stays in a box; without the projection it leaves it', () => {
    tf.tidy(() => {
      const [least, most] = [-0.2, 0.8];
      const box = projected((w) => tf.clipByValue(w, least, most));
      const sgd = [weightDecay(decay), momentum(factor)];
      const isInside = (w: number) => w >= Math.fround(least) && w <= Math.fround(most);
      const found = descend(chain(...sgd, box));
      const clipped = reference((w) => Math.min(most, Math.max(least, w)));
      expect(difference(found, clipped)).toBeLessThan(1e-5);
      expect(values(found).every(isInside)).toBe(true);
      expect(values(descend(chain(...sgd))).every(isInside)).toBe(false);
    });
  });

  test('applies what follows a step in its own order: a mask after a shift keeps zeros, before it not', () => {
    tf.tidy(() => {
      const mask = () => masked([{ position: 0, kept: tf.tensor1d([0, 1, 1, 1]) }]);
      const shift = projected((w) => tf.add(w, 1));
      expect(values(descend(chain(shift, mask())))[0]).toBe(0);
      expect(values(descend(chain(mask(), shift)))[0]).toBe(1);
    });
  });

  test('names its state for checkpoints and refuses two of one name', () => {
    const specs = [{ name: 'w', shape: [4] }];
    const both = chain(weightDecay(decay), momentum(factor));
    expect(both.slots(specs)).toEqual({ velocity: specs });
    expect(() => chain(momentum(0.5), momentum(0.9)).slots(specs)).toThrow(
      'two step transforms have a state called velocity',
    );
  });
});

describe('the tensors of a checkpoint', () => {
  const names = (specs: readonly { readonly name: string }[]) => specs.map(({ name }) => name);
  const optimiser = chain(weightDecay(decay), momentum(factor));
  const model = {
    ...{ name: 'mlp', initial: () => new Map(), apply: (_weights, x) => x },
    parameters: [
      { name: 'fc.weight', shape: [2, 3] },
      { name: 'fc.bias', shape: [3] },
    ],
    statistics: [{ name: 'bn.mean', shape: [3], start: 0, momentum: 0.1 }],
  } satisfies Model;

  test('of an endpoint have the names by which older checkpoints are resumed', () => {
    expect(names(stateSpecs(model, optimiser))).toEqual([
      ...['weights.fc.weight', 'weights.fc.bias', 'velocity.fc.weight', 'velocity.fc.bias'],
      'statistics.bn.mean',
    ]);
  });

  test('of a curve, too', () => {
    expect(names(fitSpecs(model.parameters, ['bend1/', 'bend2/']))).toEqual([
      ...['bend1/fc.weight', 'bend1/fc.bias', 'bend2/fc.weight', 'bend2/fc.bias'],
      ...['velocity.bend1/fc.weight', 'velocity.bend1/fc.bias'],
      ...['velocity.bend2/fc.weight', 'velocity.bend2/fc.bias'],
    ]);
  });
});

describe('a tensor record', () => {
  const form = tensorRecord({ weights: 2, rate: 'one', noise: 0 });

  test('is its list under names, back and forth', () => {
    const record = form.toRecord(['a', 'b', 'c']);
    expect(record).toEqual({ weights: ['a', 'b'], rate: 'c', noise: [] });
    expect(form.toList({ noise: [], rate: 'c', weights: ['a', 'b'] })).toEqual(['a', 'b', 'c']);
  });

  test('refuses a list of another length', () => {
    expect(() => form.toRecord(['a', 'b'])).toThrow(
      '2 tensors for weights, rate, noise, which are 3',
    );
  });
});
