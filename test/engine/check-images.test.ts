// Selections that are empty because of the labels of the images that chance has left over.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkTargetClass,
  checkFaults,
  checkPoisoned,
  checkTriggered,
} from '../../engine/toolkit/check-images.js';
import { UserError } from '../../experiment/errors.js';
import { triggeredImages } from '../../numerics/tampering/backdoor-success.js';
import { chooseFaults } from '../../numerics/tampering/injection/choose-faults.js';

const ones = { labels: Uint8Array.of(1, 1, 1) };
const backdoor = { series: 'attack_success', trigger: 'square', target: 1 } as const;

function refusal(ask: () => void): string {
  try {
    ask();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).kind).toBe('bad-input');
    return (error as UserError).message;
  }
  return 'allowed';
}

describe('triggered images', () => {
  test('are missing where all are of the target class', () => {
    expect(refusal(() => checkTriggered(ones, backdoor))).toBe(
      'attack_success: all 3 images to evaluate on are of the target class 1, none would carry the trigger; give bonafide a smaller pool or another seed',
    );
    expect(refusal(() => checkTriggered({ labels: [1] }, backdoor))).toMatch(
      /^attack_success: the one image to evaluate on is of/,
    );
    expect(refusal(() => checkTriggered(ones, { ...backdoor, target: 'all' }))).toBe('allowed');
  });

  test('are there whenever this is allowed, and never where it is refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 6, max: 3 }),
        fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant('all' as const)),
        (labels, target) => {
          const [count, shape] = [labels.length, [4, 4, 1] as const];
          const images = { count, shape, labels, pixels: new Uint8Array(16 * count) };
          const there = triggeredImages(images, 4, { ...backdoor, target }).count;
          const answer = refusal(() => checkTriggered(images, { ...backdoor, target }));
          expect(answer === 'allowed').toBe(there > 0);
        },
      ),
    );
  });
});

test('an attack towards a class needs an image of another', () => {
  const attack = (target: object | undefined) =>
    ({ kind: 'attack', epsilon: 0.1, ...(target && { target }) }) as never;
  expect(refusal(() => checkTargetClass(attack({ class: 1 }), ones))).toBe(
    'target.class: all 3 images to attack are of class 1 already; attack more images, or towards another class',
  );
  for (const aim of [{ class: 2 }, { rank: 1 }, {}, undefined]) {
    expect(refusal(() => checkTargetClass(attack(aim), ones))).toBe('allowed');
  }
  expect(refusal(() => checkTargetClass(attack({ class: 1 }), { labels: [1, 2] }))).toBe('allowed');
});

test('an injection whose targets are drawn from all classes needs one that is not the own', () => {
  const labels = [0, 1, 0, 1];
  const choice = { images: 4, wrong: 1, compat: 'published' } as const;
  const answers = Array.from({ length: 20 }, (_, seed) => {
    const faults = chooseFaults([0, 1, 2, 3], labels, 2, { ...choice, seed });
    const answer = refusal(() => checkFaults(faults));
    expect(answer === 'allowed').toBe(faults.targets[0] !== faults.labels[0]);
    return answer;
  });
  expect(new Set(answers)).toEqual(
    new Set([
      'allowed',
      "wrong: 1 target drawn from all classes is the image's own, nothing would be injected; change seed or raise wrong",
    ]),
  );
});

test('poisoned data hold a poisoned image', () => {
  expect(refusal(() => checkPoisoned([], 0.1, ones))).toBe(
    'fraction: 0.1 of 3 training images poisons none of them; raise it',
  );
  expect(refusal(() => checkPoisoned([2], 0.1, ones))).toBe('allowed');
});
