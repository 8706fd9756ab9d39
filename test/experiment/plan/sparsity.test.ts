// Sparse training in an experiment file: what the plan makes of it, and what it refuses.
import { describe, expect, test } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { planExperiment } from '../../../experiment/plan/plan.js';

function planOf(endpoint: string, ...more: string[]) {
  const file = `name: s\ndataset: mnist\nmodel: lenet300\nendpoints:\n  A: { seed: 1 }\n  B: ${endpoint}\n`;
  return planExperiment(parseExperimentWith(file, 's.yaml', more), (text) => text);
}

const specOf = (endpoint: string, ...more: string[]) =>
  planOf(endpoint, ...more).runs.find(({ name }) => name === 'endpoint/B')!.spec;

describe('sparsity', () => {
  test('has the defaults of the published code, also from `defaults`', () => {
    const rewiring = {
      ...{ growth: 'momentum', redistribution: 'momentum', every: 'epoch' },
      removal: { from: 0.5, to: 0.005 },
    };
    const sparsity = { density: 0.05, initial: 'uniform', rewiring };
    expect(specOf('{ seed: 2, sparsity: { density: 0.05 } }')).toMatchObject({ sparsity });
    const defaults = 'defaults={ endpoints: { sparsity: { density: 0.05 } } }';
    expect(specOf('{ seed: 2 }', defaults)).toMatchObject({ sparsity });
    expect(specOf('{ seed: 2 }')).not.toHaveProperty('sparsity');
  });

  test('of a fixed mask has no rewiring', () => {
    const fixed = specOf('{ seed: 2, sparsity: { density: 0.02, method: fixed, initial: erk } }');
    expect(fixed).toHaveProperty('sparsity', { density: 0.02, initial: 'erk' });
  });

  test('pruning by weight needs no convolution; the key of pruning by filter has no granularity', () => {
    const pruned = specOf('{ seed: 2, from: A, prune: { fraction: 0.95, granularity: weight } }');
    expect(pruned).toHaveProperty('prune', { fraction: 0.95, granularity: 'weight' });
    const filters = '{ seed: 2, from: A, prune: { fraction: 0.5, granularity: filter } }';
    expect(specOf(filters, 'model=cnn-small')).toHaveProperty('prune', { fraction: 0.5 });
  });

  const refused: readonly [endpoint: string, what: RegExp, ...more: string[]][] = [
    ['{ seed: 2, sparsity: { density: 0 } }', /endpoints\.B\.sparsity\.density/],
    ['{ seed: 2, sparsity: { density: 1.5 } }', /endpoints\.B\.sparsity\.density/],
    ['{ seed: 2, sparsity: { density: 0.1, method: fixed, growth: random } }', /sparsity\.growth: method: fixed rewires nothing/], // prettier-ignore
    ['{ seed: 2, from: A, prune: { fraction: 0.5 }, sparsity: { density: 0.1 } }', /B\.sparsity: prune makes the network sparse already/], // prettier-ignore
    ['{ seed: 2, sparsity: { density: 0.1 }, optimiserRestarts: [0.5] }', /optimiserRestarts/],
    ['{ seed: 2, sparsity: { density: 0.1, every: 5000 } }', /sparsity\.every: its training has 938 steps/], // prettier-ignore
    ['{ seed: 2, sparsity: { density: 0.1 } }', /endpoints\.B\.sparsity: nemon is implicit/, 'model=nemon'], // prettier-ignore
    ['{ from: A, inject: f, sparsity: { density: 0.1 } }', /B.sparsity: an endpoint with inject is not trained/, 'injections={ f: { images: 100, wrong: 2 } }'], // prettier-ignore
  ];
  test.each(refused)('%s is refused by its path', (endpoint, what, ...more) => {
    expect(() => planOf(endpoint, ...more)).toThrow(what);
  });
});
