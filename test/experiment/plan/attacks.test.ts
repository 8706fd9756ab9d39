import { describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { attackNorms, defaultSchedules } from '../../../experiment/attacks/attack-fields.js';
import { attack, attackMistake } from '../../../experiment/attacks/index.js';
import { planAttack } from '../../../experiment/attacks/plan-attack.js';
import { parseExperiment } from '../../../experiment/file/document.js';
import { planExperiment } from '../../../experiment/plan/plan.js';

const pgd = { epsilon: 0.1, stepSize: 0.02, steps: 10, images: 100 };
const file = (attacks: object) =>
  JSON.stringify({
    ...{ name: 'x', dataset: 'mnist', model: 'mlp', attacks },
    endpoints: { A: { seed: 1 }, B: { seed: 2 } },
    curves: { 'A-B': { from: 'A', to: 'B' } },
  });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const plan = (attacks: object) => planExperiment(parseExperiment(file(attacks), 'x.yaml'), sha256);
const keyOf = (one: object) =>
  plan({ x: one }).runs.find(({ name }) => name === 'attack/A-B/x')!.key;

describe('an attack', () => {
  it('that says what is meant when it is left out is the same run', () => {
    const said = { method: 'pgd', norm: 'linf', loss: 'ce', restarts: 1, randomStart: true };
    expect(keyOf({ ...pgd, ...said })).toBe(keyOf(pgd));
    expect(keyOf({ ...pgd, loss: 'cw', confidence: 0 })).toBe(keyOf({ ...pgd, loss: 'cw' }));
    expect(keyOf({ ...pgd, loss: 'cw' })).not.toBe(keyOf(pgd));
  });

  it.each(['square', 'autoattack', 'apgd'])(
    'of method %s with the schedule of squares that its norm has anyway is the same run, else another',
    (method) => {
      const one = (norm: string, schedule?: string) => {
        const said = schedule === undefined ? {} : { schedule };
        const at = method === 'apgd' ? { checks: said } : said;
        return keyOf({ method, epsilon: 0.1, images: 5, norm, ...at });
      };
      for (const norm of attackNorms) {
        const own = defaultSchedules[norm];
        const other = own === 'scaled' ? 'fixed' : 'scaled';
        expect(one(norm, own)).toBe(one(norm));
        expect(one(norm, other)).not.toBe(one(norm));
      }
    },
  );

  it('has the standard numbers of its method, with as many targets as there are classes for', () => {
    const auto = attack.parse({ method: 'autoattack', epsilon: 0.1, images: 5 });
    const standard = { steps: 100, targets: 9, queries: 5000, norm: 'linf', seed: 1 };
    expect(planAttack(auto, { classes: 10 })).toEqual({
      method: 'autoattack',
      epsilon: 0.1,
      images: 5,
      ...standard,
    });
    expect(planAttack(auto, { classes: 4 })).toMatchObject({ targets: 3 });
  });

  it.each([
    ['radius outside the pixels', { ...pgd, epsilon: 1.5 }, 'attacks.x.epsilon: linf is in [0,1]'],
    ['step outside the pixels', { ...pgd, stepSize: 2 }, 'attacks.x.stepSize: linf is in [0,1]'],
    [
      'method that is none',
      { ...pgd, method: 'pgdd' },
      'attacks.x.method: must be one of pgd, apgd',
    ],
    [
      'norm that is none',
      { method: 'fab', norm: 'l0', epsilon: 3, images: 5 },
      'attacks.x.norm: must be one of linf, l2, l1',
    ],
    [
      'field of another method',
      { method: 'square', epsilon: 0.1, images: 5, steps: 3 },
      'unknown key "attacks.x.steps" (known: method',
    ],
    ['confidence of no margin', { ...pgd, confidence: 1 }, 'attacks.x.confidence: only loss: cw'],
    [
      'target that is two',
      { ...pgd, target: { class: 1, rank: 1 } },
      'attacks.x.target: give either',
    ],
    [
      'target that is no class',
      { ...pgd, target: { class: 10 } },
      'target.class: there are classes 0 to 9',
    ],
    [
      'schedule that is none',
      { method: 'square', epsilon: 0.1, images: 5, schedule: 'stretched' },
      'attacks.x.schedule: must be one of scaled, fixed',
    ],
    ['rank beyond the classes', { ...pgd, target: { rank: 10 } }, 'target.rank: there are 9 other'],
    [
      'target more than there are',
      { method: 'apgd', epsilon: 0.1, images: 5, targets: 10 },
      'attacks.x.targets: there are 9 other classes',
    ],
    [
      'step of more pixels',
      { ...pgd, norm: 'l1', pixels: 785 },
      'attacks.x.pixels: an image has 784',
    ],
  ])('with a %s is refused, with path and reason', (_what, one, message) => {
    expect(() => plan({ x: one })).toThrow(message);
  });

  it.each(['pgd', 'apgd', 'fab', 'square', 'autoattack'])(
    'of method %s is planned under every norm, each a run of its own',
    (method) => {
      const one = { method, epsilon: 0.1, images: 5, ...(method === 'pgd' ? pgd : {}) };
      const keys = ['linf', 'l2', 'l1'].map((norm) => keyOf({ ...one, norm }));
      expect(new Set(keys).size).toBe(3);
      expect(keys[0]).toBe(keyOf(one));
    },
  );

  it('on the DLR loss needs three classes, and four towards a class', () => {
    const room = (classes: number) => ({ classes, pixels: 4 });
    const of = (fields: object) => attack.parse({ epsilon: 0.1, images: 5, ...fields });
    const plain = of({ method: 'apgd', loss: 'dlr' });
    const aimed = of({ method: 'apgd', loss: 'dlr', targets: 1 });
    expect(attackMistake(plain, room(3))).toBeNull();
    expect(attackMistake(plain, room(2))).toEqual([
      'loss',
      expect.stringContaining('at least 3 classes'),
    ]);
    expect(attackMistake(aimed, room(4))).toBeNull();
    expect(attackMistake(aimed, room(3))).toEqual([
      'loss',
      expect.stringContaining('at least 4 classes'),
    ]);
    expect(attackMistake(of({ method: 'autoattack' }), room(3))?.[0]).toBe('method');
  });
});
