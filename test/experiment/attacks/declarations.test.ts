// Attack methods are declared in one list and built in another: whatever is forgotten is a type error.
import { describe, expect, test } from 'vitest';
import {
  attack,
  attackFields,
  attackMethods,
  attackWork,
  type AttackMethod,
} from '../../../experiment/attacks/index.js';
import { declareAttack } from '../../../experiment/attacks/declaration.js';
import { planAttack } from '../../../experiment/attacks/plan-attack.js';
import {
  attackBuilders,
  type AttackBuilders,
} from '../../../numerics/attacks/methods/build-attack.js';

const { apgd, ...withoutApgd } = attackBuilders;
const { describe: caption, ...undescribed } = attackMethods.apgd;
const { work, ...unestimated } = attackMethods.apgd;

// @ts-expect-error A declared method without a builder.
const incomplete: AttackBuilders = withoutApgd;
// @ts-expect-error A builder of another method.
const confused: AttackBuilders = { ...attackBuilders, square: apgd };
// @ts-expect-error A builder of no declared method.
const unknown: AttackBuilders = { ...attackBuilders, noise: apgd };
// @ts-expect-error A declaration without a caption.
const silent = declareAttack(undescribed);
// @ts-expect-error A declaration without an estimate.
const endless = declareAttack(unestimated);

describe('the list of attack methods', () => {
  test('has a builder for each, and the type errors above are all there is to a mistake', () => {
    expect(Object.keys(attackBuilders).sort()).toEqual(Object.keys(attackMethods).sort());
    void [incomplete, confused, unknown, silent, endless, caption, work];
  });

  test('gives each method its own fields, and none to others', () => {
    expect(attackFields()).toEqual(attackFields('pgd'));
    expect(attackFields('square')).toContain('queries');
    expect(attackFields('square')).not.toContain('steps');
    expect(attackFields('toString')).toBeNull();
  });
});

const workOf = (fields: object): number =>
  attackWork(planAttack(attack.parse({ epsilon: 0.1, images: 5, ...fields }), { classes: 10 }));
const pgd = { stepSize: 0.02, steps: 10 };

test.each([
  [pgd, 10],
  [{ ...pgd, restarts: 3 }, 30],
  [{ ...pgd, checks: {} }, 10 + 500],
  [{ method: 'apgd', steps: 20, restarts: 2, targets: 3, checks: { queries: 7 } }, 120 + 7],
  [{ method: 'apgd' }, 100 + 500],
  [{ method: 'fab', steps: 10, targets: 2, checks: { queries: 0 } }, 20],
  [{ method: 'square', queries: 50, restarts: 2 }, 100],
  [{ method: 'autoattack' }, 100 * (1 + 2 * 9) + 5000],
  [{ method: 'autoattack', norm: 'l1' }, 100 * (5 + 2 * 9) + 5000],
])('the work of %j is %i steps and queries an image, its check included', (fields, expected) => {
  expect(workOf(fields)).toBe(expected);
});

test('a planned method tells methods apart by its name, and PGD has none', () => {
  const names = (Object.keys(attackMethods) as (keyof typeof attackMethods)[]).map((method) => {
    const own = method === 'pgd' ? pgd : {};
    const file = attack.parse({ method, epsilon: 0.1, images: 5, ...own });
    const planned: AttackMethod = planAttack(file, { classes: 10 });
    return planned.method;
  });
  expect(names).toEqual([undefined, 'apgd', 'fab', 'square', 'autoattack']);
});
