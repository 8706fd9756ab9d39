/** An alias is a copy: what is changed at one place is changed there alone. */
import { describe, expect, it } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';
import { head } from '../sweep/sweeps.js';

const base = `${head}endpoints:
  A: { seed: 1, adversarial: &adv { epsilon: 0.2, stepSize: 0.05, steps: 5 } }
  B: { seed: &two 2, adversarial: *adv }
  C: &c { seed: 3 }
curves: { one: &fit { from: A, to: B, epochs: 4 }, two: *fit }
`;
const readBase = () => ({ text: base, source: 'base.yaml' });
const parse = (text: string, ...set: string[]) =>
  parseExperimentWith(text, 'x.yaml', set, readBase);
const message = (text: string, ...set: string[]): string => {
  try {
    parse(text, ...set);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the text was accepted');
};

describe('an alias', () => {
  it('has the value of its anchor', () => {
    const { endpoints, curves } = parse(base);
    expect(endpoints['B']).toMatchObject({ seed: 2, adversarial: { epsilon: 0.2 } });
    expect(curves['two']).toEqual(curves['one']);
  });

  it('is changed by --set without its anchor, and its anchor without it', () => {
    const set = 'endpoints.B.adversarial.epsilon=0.1';
    const { A, B } = parse(base, set).endpoints;
    expect([A!.adversarial!.epsilon, B!.adversarial!.epsilon]).toEqual([0.2, 0.1]);
    const other = parse(base, 'endpoints.A.adversarial.epsilon=0.1').endpoints;
    expect(other['B']!.adversarial!.epsilon).toBe(0.2);
  });

  it('of a curve becomes another run when one of both is changed', () => {
    const { runs } = planExperiment(parse(base, 'curves.two.bends=3'), sha256);
    const bends = runs.flatMap(({ spec }) => (spec.kind === 'curve' ? [spec.bends] : []));
    expect(bends).toEqual([1, 3]);
  });

  it('in an extended file is a copy too', () => {
    const text = 'extends: base\nendpoints: { B: { adversarial: { epsilon: 0.1 } } }\n';
    const { A, B } = parse(text).endpoints;
    expect([A!.adversarial!.epsilon, B!.adversarial!.epsilon]).toEqual([0.2, 0.1]);
  });

  it('in the value of --set is a copy, and reaches no file', () => {
    const { endpoints } = parse(
      base,
      'endpoints={ D: &d { seed: 4 }, E: *d }',
      'endpoints.E.seed=5',
      'curves={}',
    );
    expect([endpoints['D']!.seed, endpoints['E']!.seed]).toEqual([4, 5]);
    expect(message(base, 'endpoints.B=*c')).toContain('no &c stands before it');
  });

  it('may be a name or a scalar, and means the last anchor before it', () => {
    const text = `${head}endpoints:\n  ? &n A\n  : { seed: &s 1 }\n  B: { seed: &s 2 }\n  C: { seed: *s }\nevaluation: { endpoints: [*n ] }\n`;
    const { endpoints, evaluation } = parse(text);
    expect(endpoints['C']!.seed).toBe(2);
    expect(evaluation.endpoints).toEqual(['A']);
  });

  it('with a mistake in it is told where it is written', () => {
    const text = `${head}endpoints:\n  A: { seed: 1, adversarial: &a { epsilon: -1, stepSize: 0.05, steps: 5 } }\n  B: { seed: 2, adversarial: *a }\n`;
    expect(message(text)).toMatch(/^x\.yaml:5:35: endpoints\.A.*\nx\.yaml:5:35: endpoints\.B/);
  });

  it.each([
    [
      'without an anchor',
      `${head}endpoints: { A: *x }\n`,
      'x.yaml:4:17: *x: no &x stands before it',
    ],
    [
      'inside its own anchor',
      `${head}endpoints: &x { A: *x }\n`,
      '*x stands inside its own anchor',
    ],
    ['of an alias after alias', bomb(), 'its aliases make more than 300000 values'],
    ['of ever deeper lists', deep(), 'more than 64 maps and lists inside each other'],
  ])('%s is refused in one line', (_, text, expected) => {
    const told = message(text);
    expect(told).toContain(expected);
    expect(told.split('\n')).toHaveLength(1);
  });
});

/** Ten of ten of ten ...: 10^12 values. */
function bomb(): string {
  const lines = Array.from({ length: 12 }, (_, i) => {
    const inside = Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*a${i - 1}`));
    return `k${i}: &a${i} [${inside.join(', ')}]\n`;
  });
  return lines.join('');
}

function deep(): string {
  return Array.from({ length: 200 }, (_, i) =>
    i === 0 ? 'k0: &a0 [x]\n' : `k${i}: &a${i} [*a${i - 1}]\n`,
  ).join('');
}
