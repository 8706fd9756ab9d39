/** Pixel quantities as fractions: the same runs as the numbers, kept as they are written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { experimentJsonSchema } from '../../../experiment/file/json-schema.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import { describeAttack } from '../../../experiment/attacks/index.js';
import { describeEndpoint } from '../../../report/view/describe-endpoint.js';
import { sha256 } from '../../stores/results/plans.js';
import { head, names, plan } from '../sweep/sweeps.js';

/** Every place of a pixel quantity, each `epsilon` and `stepSize` as it is given. */
function everywhere(epsilon: number | string, stepSize: number | string): string {
  const both = `epsilon: ${epsilon}, stepSize: ${stepSize}, steps: 2`;
  const other = (method: string, more = '') =>
    `${method}: { method: ${method}, epsilon: ${epsilon}, images: 9${more} }`;
  return `${head}endpoints:
  A: { seed: 1 }
  R: { seed: 2, adversarial: { ${both} } }
  T: { seed: 3, adversarial: { ${both}, method: trades } }
  C: { seed: 4, certified: { epsilon: ${stepSize} } }
curves: { A-R: { from: A, to: R, adversarial: { ${both} } } }
attacks:
  pgd: { ${both}, images: 9 }
  l2: { ${both}, images: 9, norm: l2 }
  ${other('apgd')}
  ${other('fab')}
  ${other('square', ', norm: l1')}
  ${other('autoattack')}
spectrum: { images: 8, prediction: { epsilon: ${stepSize} } }
transfer: { attack: pgd }
${parseFloat(String(epsilon)) === 0 ? '' : 'convergence: { attack: pgd }'}
detections: { near: { estimator: nearest, adaptive: { ${both} } } }
certificates: { box: { epsilons: [${stepSize}, ${epsilon}] } }
ensemble: { attack: pgd, images: 9 }\n`;
}

const identities = ({ runs, signature }: Plan) => [
  signature,
  ...runs.map(({ name, key, spec }) => [name, key, spec]),
];

describe('8/255', () => {
  it('is the number 0.03137254901960784 in every run, and stays as it is written', () => {
    const [fractions, numbers] = [everywhere('8/255', '2/255'), everywhere(8 / 255, 2 / 255)];
    expect(numbers).toContain('epsilon: 0.03137254901960784,');
    expect(identities(plan(fractions))).toEqual(identities(plan(numbers)));
    const { attacks, endpoints, spectrum } = plan(fractions).config;
    expect(attacks['pgd']).toMatchObject({ epsilon: '8/255', stepSize: '2/255' });
    expect(describeAttack(attacks['pgd']!)).toContain('ε = 8/255');
    expect(describeEndpoint(endpoints['R']!)).toContain('ε 8/255');
    expect(spectrum!.prediction).toEqual({ epsilon: '2/255' });
  });

  it('is read by --set, in defaults, and in sweeps, whose names have a colon for the slash', () => {
    const base = everywhere(0.1, 0.05);
    const set = parseExperimentWith(base, 'x.yaml', ['attacks.pgd.epsilon=8/255']);
    const run = planExperiment(set, sha256).runs.find(({ name }) => name === 'attack/A-R/pgd')!;
    expect(run.spec).toMatchObject({ epsilon: 8 / 255 });
    expect(run.summary).toContain('(eps 8/255)');
    const swept = plan(`${head}endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
defaults: { attacks: { stepSize: 2/255 } }
attacks: { pgd: { steps: 2, images: 9, sweep: { grid: { epsilon: [4/255, 8/255, 0.1] } } } }\n`);
    expect(names(swept, 'attack')).toEqual([
      'A-B/pgd@epsilon=0.1',
      'A-B/pgd@epsilon=4:255',
      'A-B/pgd@epsilon=8:255',
    ]);
  });

  it('and its number are one run of a sweep, with both names', () => {
    const swept = plan(`${head}endpoints:
  A: { seed: 1, adversarial: { stepSize: 0.01, steps: 2 }, sweep: { grid: { adversarial.epsilon: [8/255, 0.03137254901960784] } } }\n`);
    expect(swept.runs).toHaveLength(1);
    expect(Object.keys(swept.config.sweep!.aliases!)).toHaveLength(1);
  });

  it('is the quotient whatever its numbers are', () => {
    const part = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(part, part, (a, b) => {
        fc.pre(a <= b);
        const text = (epsilon: number | string) => everywhere(epsilon, '1/255');
        expect(identities(plan(text(`${a}/${b}`)))).toEqual(identities(plan(text(a / b))));
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['8/0', 'attacks.pgd.epsilon'],
    ['0/0', 'attacks.pgd.epsilon'],
    ['8 / 255', 'or a fraction such as 8/255'],
    ['-8/255', 'or a fraction such as 8/255'],
    ['300/255', 'linf is in [0,1] pixel units: give at most 1'],
    ['eight', 'or a fraction such as 8/255'],
    ['true', 'or a fraction such as 8/255'],
  ])('is refused as %s', (epsilon, what) => {
    const text = everywhere(0.1, 0.05).replace('pgd: { epsilon: 0.1', `pgd: { epsilon: ${epsilon}`);
    expect(() => plan(text)).toThrow(what);
  });

  it('is a step and a predicted radius as well, which are never 0', () => {
    expect(() => plan(everywhere(0.1, '0/255'))).toThrow(/stepSize: too small/);
    expect(() => plan(everywhere(0.1, 0))).toThrow(/prediction\.epsilon: too small/);
  });
});

it('epsilon 0 is allowed, with a key of its own', () => {
  expect(identities(plan(everywhere('0/255', 0.05)))).toEqual(
    identities(plan(everywhere(0, 0.05))),
  );
  expect(plan(everywhere(0, 0.05)).signature).not.toBe(plan(everywhere(0.1, 0.05)).signature);
  expect(() => plan(everywhere(-0.1, 0.05))).toThrow(/epsilon: too small/);
});

it('the JSON Schema has both forms', () => {
  const text = JSON.stringify(experimentJsonSchema());
  const both =
    /"epsilon":\{"anyOf":\[\{"type":"number","minimum":0,"maximum":\d+\},\{"type":"string","pattern":"[^"]+"\}\]/g;
  // Endpoint and curve, five methods of attack, five estimators of detection.
  expect(text.match(both)).toHaveLength(12);
});
