// No attack breaks what is certified; the worst case is within every attack; certificates fall with the radius.
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { strongestErrors, type AttackedImages } from '../../activities/strongest-attack.js';
import type { AttackOutcome } from '../../numerics/attacks/runner/attack-outcome.js';
import { expectNoLeaks, values } from '../numerics/engine.js';
import {
  architectures,
  between,
  count,
  createInstruments,
  methodsOf,
  modelOf,
  now,
  randomImages,
  shape,
  type Instruments,
} from './small-networks.js';

const epsilons = [0.01, 0.04, 0.1];
/** Radii of certificates, in order; the first is none at all. */
const radii = [0, ...epsilons];

const networks = fc.record({
  ends: fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 })),
  t: fc.constantFrom(0, 0.25, 0.5, 0.75, 1),
});
const runs = { numRuns: 12, seed: 6 };

type Flags = readonly boolean[];

/** Whether any method certifies each image. */
function certifiedBy(margins: readonly Float32Array[]): Flags {
  return Array.from({ length: count }, (_, i) => margins.some((bounds) => bounds[i]! > 0));
}

function contradictions(certified: Flags, wrong: ArrayLike<number>): number {
  return certified.filter((one, i) => one && wrong[i] === 1).length;
}

function cleanWrong({ clean }: AttackOutcome, labels: Uint8Array): Flags {
  return [...clean.predicted].map((predicted, i) => predicted !== labels[i]);
}

/** Images of each attack that are misclassified as they are, or attacked: how runs read stored outcomes. */
function attackedImages(outcome: AttackOutcome, labels: Uint8Array): AttackedImages {
  const clean = cleanWrong(outcome, labels);
  const misclassified = [clean.map((one, i) => one || outcome.images.wrong[i] === 1)];
  return { t: [0], images: [...clean.keys()], misclassified };
}

/** Margins of a few random images of the ball: the smallest is no bound. */
function sampledMargins(
  { model, labels }: Instruments,
  weights: tf.Tensor[],
  epsilon: number,
): Float32Array {
  const pixels = Array.from(randomImages(1).pixels, (value) => value / 255);
  return tf.tidy(() => {
    const images = tf.tensor(pixels, [count, ...shape]);
    const oneHot = tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), 3);
    const margins = Array.from({ length: 3 }, (_, draw) => {
      const seed = Math.round(1e4 * epsilon) + draw;
      const moves = tf.randomUniform(images.shape, -epsilon, epsilon, 'float32', seed);
      const logits = model.apply(weights, tf.clipByValue(tf.add(images, moves), 0, 1));
      const own = tf.sum(tf.mul(logits, oneHot), 1);
      return tf.sub(own, tf.max(tf.sub(logits, tf.mul(oneHot, 1e9)), 1));
    });
    return Float32Array.from(values(tf.min(tf.stack(margins), 0)));
  });
}

describe.each(architectures)('%s networks', (architecture) => {
  let instruments: Instruments;
  beforeAll(() => {
    instruments = createInstruments(modelOf(architecture), epsilons, methodsOf(architecture));
  });
  afterAll(() => instruments.dispose());
  expectNoLeaks();

  test('no attack breaks an image that is certified at its radius, at any t; samples certify what is broken', async () => {
    const seen = { certified: 0, broken: 0, bySamples: 0 };
    await fc.assert(
      fc.asyncProperty(networks, fc.constantFrom(0, 1, 2), async ({ ends, t }, which) => {
        const epsilon = epsilons[which]!;
        await between(instruments.model, ends, t, async (weights) => {
          const certified = certifiedBy(await instruments.certifier.certify(weights, epsilon, now));
          const sampled = certifiedBy([sampledMargins(instruments, weights, epsilon)]);
          seen.certified += certified.filter(Boolean).length;
          for (const runners of instruments.attackers.values()) {
            const { images } = await runners[which]!.attack(weights, now);
            expect(contradictions(certified, images.wrong)).toBe(0);
            seen.broken += images.wrong.reduce((sum, wrong) => sum + wrong, 0);
            seen.bySamples += contradictions(sampled, images.wrong);
          }
        });
      }),
      runs,
    );
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0);
  });

  test('the worst case over attacks is at least each attack, image by image at least the images as they are', async () => {
    let apart = 0;
    await fc.assert(
      fc.asyncProperty(networks, async ({ ends, t }) => {
        await between(instruments.model, ends, t, async (weights) => {
          const outcomes: AttackOutcome[] = [];
          for (const [, middle] of instruments.attackers.values()) {
            outcomes.push(await middle!.attack(weights, now));
          }
          const attacked = outcomes.map((one) => attackedImages(one, instruments.labels));
          const names = [...instruments.attackers.keys()];
          const worst = strongestErrors(names, attacked)[0]!.value;
          outcomes.forEach((outcome, i) => {
            const { images, robustError, cleanError } = outcome;
            const alone = strongestErrors([names[i]!], [attacked[i]!])[0]!.value;
            // PGD is judged by its own images alone; every other attack counts an image as it is.
            if (names[i] !== 'pgd') {
              expect([...images.wrong].map(Boolean)).toEqual(attacked[i]!.misclassified[0]);
              expect(alone).toBeCloseTo(robustError, 3);
            }
            expect(alone).toBeGreaterThanOrEqual(cleanError - 1e-4);
            expect(worst).toBeGreaterThanOrEqual(alone);
            apart += worst > alone ? 1 : 0;
          });
        });
      }),
      runs,
    );
    // One attack in place of the worst case would be seen.
    expect(apart).toBeGreaterThan(0);
  });

  test('certificates fall with the radius, method by method; the smallest margin of samples does not', async () => {
    let rises = 0;
    await fc.assert(
      fc.asyncProperty(networks, async ({ ends, t }) => {
        await between(instruments.model, ends, t, async (weights) => {
          const { certifier } = instruments;
          const found: (readonly Float32Array[])[] = [];
          for (const radius of radii) found.push(await certifier.certify(weights, radius, now));
          const sampled = radii.map((radius) => sampledMargins(instruments, weights, radius));
          radii.slice(1).forEach((_, k) => {
            found[k + 1]!.forEach((bounds, m) =>
              bounds.forEach((bound, i) => {
                // float32 margins of about 1.
                expect(bound).toBeLessThan(found[k]![m]![i]! + 1e-5);
              }),
            );
            rises += sampled[k + 1]!.filter((margin, i) => margin > sampled[k]![i]! + 1e-5).length;
          });
        });
      }),
      runs,
    );
    expect(rises).toBeGreaterThan(0);
  });
});
