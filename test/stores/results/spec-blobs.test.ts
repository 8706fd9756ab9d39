/** Blobs that specifications name, before any run has read or written one: they are kept and verified. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { experimentSchema } from '../../../experiment/experiment.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { artifact, keyOf, sha256 } from './plans.js';
import { createScratchStore, type ScratchStore } from './scratch-store.js';

let scratch: ScratchStore;
beforeAll(async () => {
  scratch = await createScratchStore();
});
afterAll(() => scratch.close());

test('the module of a network and imported weights are named by their runs', async () => {
  const [module, weights, neither] = ['module', 'weights', 'neither'].map(artifact);
  const config = experimentSchema.parse({
    ...{ name: 'own', dataset: 'mnist' },
    model: {
      ...{ name: 'net', module, products: 1, drops: false },
      input: { shape: [28, 28, 1], classes: 10 },
      parameters: [{ name: 'w', shape: [784, 10], initial: { kind: 'constant', value: 0 } }],
      withoutTangent: { images: null, weights: null },
    },
    endpoints: {
      A: { seed: 1 },
      P: { import: { name: 'x', ...weights! }, layout: 'tensorflow' },
    },
  });
  const plan = planExperiment(config, sha256);
  await scratch.store.registerExperiment(plan);
  const digests = [module, weights, neither].map((ref) => ref!.digest);
  expect(await scratch.store.unreferencedAmong(digests)).toEqual([neither!.digest]);
  const named = await scratch.store.referencesOf(plan.id);
  const about = (name: string) =>
    named
      .filter(({ run }) => run === keyOf(plan, name))
      .map(({ kind, name, ref }) => [kind, name, ref]);
  expect(about('endpoint/A')).toEqual([['input', 'module', module]]);
  expect(about('endpoint/P')).toEqual([
    ['input', 'imported', weights],
    ['input', 'module', module],
  ]);
});
