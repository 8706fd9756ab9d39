/** Mistakes in a sweep, each told in one line with its place in the file. */
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../experiment/errors.js';
import { head, pairs, plan } from './sweeps.js';

function mistake(text: string): string {
  try {
    plan(text);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('the text was accepted');
}

describe('a mistake in a sweep', () => {
  const A = (sweep: string) => `${head}endpoints:\n  A: { seed: 1, sweep: ${sweep} }\n`;

  it.each([
    ['{ gird: {} }', 'x.yaml:5:26: endpoints.A.sweep.gird', 'did you mean "grid"?'],
    ['{ grid: { sed: [1] } }', 'x.yaml:5:34: unknown key "endpoints.A.sed"', '"seed"?'],
    ['{ grid: { seed: [1, -2] } }', 'x.yaml:5:34: endpoints.A.seed: ', 'too small'],
    ['{ grid: { learningRate: { uniform: [0, 1] } } }', 'x.yaml:5:34: ', 'continuous range'],
    ['{ zip: { seed: [1], epochs: [1, 2] } }', 'x.yaml:5:26: ', 'seed 1, epochs 2'],
    ['{ grid: { seed: [1] }, zip: { seed: [2] } }', 'x.yaml:5:54: ', '"seed" is given twice'],
    ['{ grid: { seed: [1] }, exclude: { epoch: 1 } }', 'x.yaml:5:58: ', 'axes: seed'],
    ['{ grid: { seed: [1] }, exclude: { seed: 1 } }', 'x.yaml:5:47: ', 'leaves nothing'],
    ['{ grid: { seed: { int: [3, 1] } } }', 'x.yaml:5:34: ', 'after its end 1'],
    ['{ grid: { seed: 5 } }', 'x.yaml:5:34: ', 'give a list of values'],
    ['{ grid: { seed: { int: [1, 9000000] } } }', 'x.yaml:5:34: ', 'too many'],
  ])('such as %s is told with its place', (sweep, place, what) => {
    const message = mistake(A(sweep));
    expect(message).toContain(place);
    expect(message).toContain(what);
    expect(message.split('\n')).toHaveLength(1);
  });

  it.each([
    ['{ grid: { modle: [mlp] } }', 'unknown key "modle" (did you mean "model"?)'],
    ['{ grid: { model: [mpl] } }', 'did you mean "mlp"?'],
    ['{ grid: { name: [a, b] } }', 'name cannot be swept'],
    ['{ grid: { curves.*.seed: [1] } }', 'there are no such entries'],
  ])('of the whole experiment, such as %s, too', (sweep, what) => {
    const message = mistake(`${head}endpoints: { A: { seed: 1 } }\nsweep: ${sweep}\n`);
    expect(message).toMatch(/^x\.yaml:5:18: /);
    expect(message).toContain(what);
  });

  it('is one of the curve when its ends do not go together', () => {
    const text = pairs.replace('epochs: 3, sweep: { grid: { seed: [1', 'sweep: { grid: { seed: [9');
    const message = mistake(
      `${text.replaceAll('[9, 2, 3]', '[7, 8, 9]')}curves:\n  A-B: { from: A, to: B }\n`,
    );
    expect(message).toContain('x.yaml:8:10: curves.A-B.from');
    expect(message).toContain('pair: index');
  });
});
