/** Measurements beyond the plainest: they are planned if asked for, and refused where they make no sense. */
import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../../../experiment/experiment.js';
import { changedRuns, keys, plan, written } from '../study.js';

function specOf(name: string, input: unknown): unknown {
  return plan(input).runs.find((run) => run.name === name)!.spec;
}

describe('what is measured only if it is asked for', () => {
  const strong = { ...written.attacks.strong };

  it('is not in the key: neither a restart that is the only one, nor what is left out', () => {
    const attacks = { ...written.attacks, strong: { ...strong, restarts: 1 } };
    expect(changedRuns({ ...written, attacks })).toEqual([]);
    const spectrum = { ...written.spectrum, meanHessian: false };
    expect(changedRuns({ ...written, spectrum })).toEqual([]);
    expect(Object.keys(specOf('spectrum/A-B', written) as object).sort()).toEqual(
      [
        ...['kind', 'variable', 'operator', 'images', 'maxSteps', 'tolerance', 'seed'],
        ...['dataset', 'model', 'path', 'family', 't'],
      ].sort(),
    );
  });

  it('changes the run that measures it, and the summaries that read it', () => {
    const attacks = { ...written.attacks, strong: { ...strong, restarts: 5 } };
    const [a, b] = ['summary/A-B', 'summary/A-C'];
    expect(changedRuns({ ...written, attacks })).toEqual([
      ...['attack/A-B/strong', 'attack/A-C/strong', a, b],
    ]);
    const spectrum = { images: 200, operator: 'hessian', top: 2, compat: 'published' };
    expect(specOf('spectrum/A-B', { ...written, spectrum })).toMatchObject({
      top: 2,
      published: { batchSize: 200, reduction: 'mean', maxSteps: 10, tolerance: 0.01 },
    });
  });

  it('adds a run beside the others when it is the curvature in the weights', () => {
    const weightSpectrum = { images: 64, split: 'test', trace: {} };
    const wider = { ...written, weightSpectrum };
    expect(changedRuns(wider)).toEqual(['weight-spectrum/A-B', 'weight-spectrum/A-C']);
    expect(specOf('weight-spectrum/A-B', wider)).toMatchObject({
      ...{ kind: 'spectrum', variable: 'weights', reduction: 'mean', split: 'test', images: 64 },
      ...{ top: 1, trace: { probes: 16 } },
    });
    expect(specOf('weight-spectrum/A-B', wider)).not.toHaveProperty('density');
  });

  it.each([
    [
      'restarts of an attack that starts at the image',
      { attacks: { x: { ...strong, randomStart: false, restarts: 2 } } },
      ['attacks', 'x', 'restarts'],
    ],
    [
      'both ends without the Hessian itself',
      { spectrum: { images: 9, top: 2 } },
      ['spectrum', 'top'],
    ],
    [
      'more eigenvalues than steps',
      { weightSpectrum: { images: 9, top: 4, maxSteps: 7 } },
      ['weightSpectrum', 'top'],
    ],
    [
      'the published eigenvalue of less than a batch',
      { spectrum: { images: 199, compat: 'published' } },
      ['spectrum', 'images'],
    ],
  ])('is refused where it makes no sense: %s', (_, change, path) => {
    const { error } = experimentSchema.safeParse({ ...written, ...change });
    expect(error!.issues.map((issue) => issue.path)).toEqual([path]);
  });
});

describe('transfer and ensembles', () => {
  const asked = {
    ...written,
    transfer: { attack: 'weak', points: 3 },
    ensemble: { members: [0, 0.5, 1], attack: 'strong', images: 50 },
  };

  it('are one run each for every curve, and change no other key', () => {
    const [before, after] = [keys(plan()), keys(plan(asked))];
    const added = Object.keys(after).filter((name) => !(name in before));
    expect(added).toEqual(['transfer/A-B', 'ensemble/A-B', 'transfer/A-C', 'ensemble/A-C']);
    expect(after).toMatchObject(before);
  });

  it('go by the attack that they name, whatever it is called', () => {
    const { weak, strong } = written.attacks;
    const renamed = { ...asked, attacks: { other: weak, strong } };
    const found = keys(plan({ ...renamed, transfer: { attack: 'other', points: 3 } }));
    expect(found['transfer/A-B']).toBe(keys(plan(asked))['transfer/A-B']);
    expect(specOf('transfer/A-B', asked)).toMatchObject({
      images: 100,
      t: [0, 0.5, 1],
      attack: { epsilon: 0.05, steps: 3 },
    });
    expect(specOf('ensemble/A-B', asked)).toMatchObject({
      ...{ images: 50, t: [0, 0.5, 1], attack: { epsilon: 0.1, steps: 10 } },
    });
  });

  it.each([
    [
      { method: 'apgd', epsilon: 0.05 },
      { method: 'apgd', steps: 100, checks: { queries: 0 } },
    ],
    [
      { method: 'square', epsilon: 0.05 },
      { method: 'square', queries: 5000 },
    ],
    [
      { method: 'autoattack', epsilon: 0.05 },
      { method: 'autoattack', targets: 9 },
    ],
    [
      { ...written.attacks.weak, loss: 'cw', checks: {} },
      { loss: 'cw', checks: { queries: 0 } },
    ],
  ])('of attack %j take it up without its black-box check', (attack, expected) => {
    const attacks = { ...written.attacks, x: { images: 50, ...attack } };
    const joint = { transfer: { attack: 'x' }, ensemble: { attack: 'x', images: 50 } };
    const asked = { ...written, attacks, ...joint };
    for (const name of ['transfer/A-B', 'ensemble/A-B']) {
      const spec = specOf(name, asked);
      expect(spec).toMatchObject({ attack: expected });
      expect(Object.keys((spec as { attack: object }).attack)).not.toContain('images');
    }
  });

  it.each([
    [{ transfer: { attack: 'pgd' } }, 'transfer.attack: no attack is named "pgd"'],
    [{ ensemble: { attack: 'pgd', images: 9 } }, 'ensemble.attack: no attack is named "pgd"'],
    [{ transfer: { attack: 'weak', images: 10_001 } }, 'transfer.images: 10001 asked for'],
    [{ ensemble: { images: 10_001 } }, 'ensemble.images: 10001 asked for'],
    [{ convergence: { attack: 'pgd' } }, 'convergence.attack: no attack is named "pgd"'],
    [{ convergence: { attack: 'weak', images: 10_001 } }, 'convergence.images: 10001 asked for'],
    [{ convergence: { attack: 'weak', steps: 3 } }, 'convergence.steps: 3, but weak has 3 steps'],
  ])('of %j are refused with the path and the reason', (part, message) => {
    expect(() => plan({ ...written, ...part })).toThrow(message);
  });

  it.each([
    [{ method: 'apgd' }, 'is apgd'],
    [{ loss: 'cw' }, 'maximises cw'],
    [{ target: { class: 1 } }, 'has a target class'],
    [{ momentum: 0.9 }, 'has momentum'],
    [{ randomStart: false }, 'starts at the images'],
    [{ epsilon: 0 }, 'has epsilon 0'],
  ])('convergence of an attack with %j is refused: it is about plain PGD', (change, reason) => {
    const own = 'method' in change ? { epsilon: 0.05, images: 50 } : written.attacks.weak;
    const attacks = { ...written.attacks, x: { ...own, ...change } };
    const asked = { ...written, attacks, convergence: { attack: 'x', steps: 50 } };
    expect(() => plan(asked)).toThrow(`convergence.attack: x ${reason}; name a PGD`);
  });

  it.each([
    [{ ensemble: { members: [0, 1.5], images: 9 } }, ['ensemble', 'members', 1]],
    [{ ensemble: { members: [0.5, 0], images: 9 } }, ['ensemble', 'members']],
    [{ ensemble: { members: [0, 1], points: 3, images: 9 } }, ['ensemble', 'points']],
    [
      { spectrum: { images: 9, prediction: { epsilon: 1.1 } } },
      ['spectrum', 'prediction', 'epsilon'],
    ],
    [
      { spectrum: { images: 9, prediction: { epsilon: 0 } } },
      ['spectrum', 'prediction', 'epsilon'],
    ],
  ])('%j is refused where it is wrong', (part, path) => {
    const { error } = experimentSchema.safeParse({ ...written, ...part });
    expect(error!.issues.map((issue) => issue.path)).toEqual([path]);
  });

  it('gradients and predictions are in the key of the spectrum alone, and of its summary', () => {
    const more = { images: 32, gradients: true, prediction: { epsilon: 0.1 } };
    expect(changedRuns({ ...written, spectrum: more })).toEqual([
      ...['spectrum/A-B', 'spectrum/A-C', 'summary/A-B', 'summary/A-C'],
    ]);
    expect(changedRuns({ ...written, spectrum: { images: 32, gradients: false } })).toEqual([]);
  });
});
