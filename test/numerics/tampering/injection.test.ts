// Fault sneaking: which images, which loss, which tensor; and what it may not change.
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeResident } from '../../../numerics/data/resident.js';
import { selectImages } from '../../../numerics/data/select.js';
import { chooseFaults } from '../../../numerics/tampering/injection/choose-faults.js';
import { correctlyClassified } from '../../../numerics/tampering/injection/correctly-classified.js';
import { hinges } from '../../../numerics/tampering/injection/fault-step.js';
import {
  inject,
  tensorPosition,
  type Injecting,
} from '../../../numerics/tampering/injection/inject.js';
import { NotReachedError } from '../../../numerics/tampering/injection/not-reached.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import { difference, expectNoLeaks, host, syntheticDigits, values } from '../engine.js';

expectNoLeaks();

const model = modelFor('mlp', [28, 28, 1], 10);
const digits = syntheticDigits(200);

async function trained(): Promise<tf.Tensor[]> {
  const data = makeResident(digits, 10);
  const start = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
  const recipe = { epochs: 6, batchSize: 20, learningRate: 0.05, momentum: 0.9, weightDecay: 0 };
  const weights = await trainFrom(host, start, {
    ...{ model, recipe, adversarial: null, data, seed: 1, onStep: () => {} },
  });
  data.dispose();
  return weights;
}

async function setUp(images: number, wrong: number) {
  const weights = await trained();
  const data = makeResident(digits, 10);
  const correct = await correctlyClassified(
    host,
    { model, weights, data, batchSize: 32 },
    () => {},
  );
  data.dispose();
  const faults = chooseFaults(correct, digits.labels, 10, { images, wrong, seed: 3 });
  const chosen = selectImages(digits, Int32Array.from(faults.indices));
  const shown = tf.tidy(() =>
    tf.tensor4d(
      Float32Array.from(chosen.pixels, (p) => p / 255),
      [images, 28, 28, 1],
    ),
  );
  const targets = tf.tidy(() => tf.oneHot(tf.tensor1d([...faults.targets], 'int32'), 10).toFloat());
  const settings: Injecting = {
    ...{ model, weights, images: shown, targets, wrong, weight: 100, margin: 1, stealth: 0.95 },
    ...{ position: tensorPosition(model.parameters, 'last')!, stepSize: 1e-3, maxSteps: 500 },
    ...{ onStep: () => {}, onCall: () => {} },
  };
  return { correct, faults, settings, dispose: () => tf.dispose([...weights, shown, targets]) };
}

describe('the images of an injection', () => {
  test('are candidates, each once; wrong targets are other classes, all equally likely', () => {
    const candidates = Array.from({ length: 3000 }, (_, i) => 2 * i);
    const labels = Array.from({ length: 6000 }, (_, i) => (i / 2) % 10);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const choice = { images: 50, wrong: 20, seed };
        const faults = chooseFaults(candidates, labels, 10, choice);
        expect(new Set(faults.indices).size).toBe(50);
        faults.indices.forEach((index, i) => {
          expect(index % 2).toBe(0);
          expect(faults.labels[i]).toBe(labels[index]);
          if (i < 20) expect(faults.targets[i]).not.toBe(labels[index]);
          else expect(faults.targets[i]).toBe(labels[index]);
        });
        expect(chooseFaults(candidates, labels, 10, choice)).toEqual(faults);
      }),
      { numRuns: 30 },
    );
    const many = { images: 3000, wrong: 2700, seed: 1 };
    const { targets, labels: own } = chooseFaults(candidates, labels, 10, many);
    const shifts = new Array<number>(10).fill(0);
    for (let i = 0; i < 2700; i++) shifts[(targets[i]! - own[i]! + 10) % 10]! += 1;
    expect(shifts[0]).toBe(0);
    const square = shifts.slice(1).reduce((sum, count) => sum + (count - 300) ** 2 / 300, 0);
    expect(square).toBeLessThan(26.1); // chi-squared with 8 degrees of freedom, 0.1 %
  });

  test('as published have their own class for a target one time in ten', () => {
    const candidates = Array.from({ length: 5000 }, (_, i) => i);
    const labels = candidates.map((i) => i % 10);
    const choice = { images: 5000, wrong: 4000, seed: 1, compat: 'published' } as const;
    const { targets, labels: own } = chooseFaults(candidates, labels, 10, choice);
    const shifts = new Array<number>(10).fill(0);
    for (let i = 0; i < 4000; i++) shifts[(targets[i]! - own[i]! + 10) % 10]! += 1;
    const square = shifts.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
    expect(square).toBeLessThan(27.9); // chi-squared with 9 degrees of freedom, 0.1 %
    expect(targets.slice(4000)).toEqual(own.slice(4000));
  });

  test('are found among those that the network classifies correctly', async () => {
    const { correct, settings, dispose } = await setUp(40, 2);
    const predicted = tf.tidy(() => {
      const pixels = Float32Array.from(digits.pixels, (p) => p / 255);
      return values(
        tf.argMax(model.apply(settings.weights, tf.tensor4d(pixels, [200, 28, 28, 1])), 1),
      );
    });
    const expected = predicted.flatMap((label, i) => (label === digits.labels[i] ? [i] : []));
    expect(correct).toEqual(expected);
    expect(correct.length).toBeGreaterThan(100);
    dispose();
  });
});

test('the hinge is max(0, best other - target + margin), by hand', () => {
  tf.tidy(() => {
    const logits = tf.tensor2d([
      [1, 2, 3],
      [5, 1, 1],
      [0, 0.5, 0],
    ]);
    const targets = tf.tensor2d([
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(difference(hinges(logits, targets, 1), [3, 0, 0.5])).toBeLessThan(1e-6);
  });
});

test('the tensor is found by name, as the last dense or convolutional weights, or not at all', () => {
  const { parameters } = modelFor('cnn-small', [28, 28, 1], 10);
  const name = (tensor: string) => {
    const position = tensorPosition(parameters, tensor);
    return position === null ? null : parameters[position]!.name;
  };
  expect(['last', 'last-conv', 'conv1.bias', 'conv9.weight'].map(name)).toEqual([
    ...['dense2.weight', 'conv2.weight', 'conv1.bias', null],
  ]);
  expect(tensorPosition(modelFor('mlp', [28, 28, 1], 10).parameters, 'last-conv')).toBeNull();
});

describe('an injection', () => {
  test('makes every wrong image its target and keeps the others, by one tensor alone', async () => {
    const { settings, faults, dispose } = await setUp(100, 3);
    const before = settings.weights.map(values);
    const { tensor, steps, success, stealth } = await inject(host, null, settings);
    expect(success).toBe(100);
    expect(stealth).toBeGreaterThanOrEqual(95);
    expect(steps).toBeGreaterThan(0);
    expect(settings.weights.map(values)).toEqual(before);
    expect(difference(tensor, settings.weights[settings.position]!)).toBeGreaterThan(0);
    const predicted = tf.tidy(() => {
      const changed = settings.weights.map((w, i) => (i === settings.position ? tensor : w));
      return values(tf.argMax(model.apply(changed, settings.images), 1));
    });
    expect(predicted.slice(0, 3)).toEqual(faults.targets.slice(0, 3));
    const kept = predicted.filter((label, i) => label === faults.targets[i]).length;
    expect(kept).toBeCloseTo(stealth, 4); // of 100 images
    tf.dispose(tensor);
    dispose();
  });

  test('goes on from any step to the same bits', async () => {
    const { settings, dispose } = await setUp(100, 3);
    const states: tf.Tensor[] = [];
    const whole = await inject(host, null, {
      ...settings,
      onCall: (step, _total, read) => {
        if (step === 3) states.push(...read());
      },
    });
    expect(whole.steps).toBeGreaterThan(3);
    const rest = await inject(host, { step: 3, state: states }, settings);
    expect(rest.steps).toBe(whole.steps);
    expect(values(rest.tensor)).toEqual(values(whole.tensor));
    tf.dispose([whole.tensor, rest.tensor]);
    dispose();
  });

  test('that does not get there in time is an outcome of its own', async () => {
    const { settings, dispose } = await setUp(100, 3);
    const attempt = inject(host, null, { ...settings, stepSize: 1e-9, maxSteps: 4 });
    const error: unknown = await attempt.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(NotReachedError);
    expect((error as Error).message).toMatch(
      /^after 4 steps 0\.0 % of the wrong images and 97\.0 %/,
    );
    dispose();
  });
});
