// Captions of attacks that search without gradients.
import { expect, test } from 'vitest';
import { attack } from '../../experiment/attacks/index.js';
import { describeAttack } from '../../experiment/attacks/index.js';

const caption = (fields: object) =>
  describeAttack(attack.parse({ epsilon: 1, images: 5, ...fields }));

test('a caption names the schedule of squares where it is not the one that the norm has anyway', () => {
  const square = { method: 'square', queries: 500 };
  expect(caption(square)).toBe('ℓ∞ Square, ε = 1, 500 queries');
  expect(caption({ ...square, schedule: 'scaled' })).toBe(caption(square));
  expect(caption({ ...square, schedule: 'fixed', restarts: 2 })).toBe(
    'ℓ∞ Square, ε = 1, 500 queries, fixed schedule, worst of 2 starts',
  );
  expect(caption({ ...square, norm: 'l1', schedule: 'fixed' })).toBe(
    'ℓ1 Square, ε = 1, 500 queries',
  );
  expect(caption({ method: 'autoattack', schedule: 'fixed' })).toBe(
    'ℓ∞ AutoAttack, ε = 1, 100 steps, 5000 queries, fixed schedule',
  );
});
