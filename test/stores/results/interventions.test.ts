/** What a person's word does to runs in the results store: which may begin, and which go back to those that wait. */
import { afterAll, expect, test } from 'vitest';
import type { TakeRequest } from '../../../experiment/records/workflow-records.js';
import { keyOf, plan } from './plans.js';
import { claimant, createScratchStore, nothing } from './scratch-store.js';

const { store, claim, close } = await createScratchStore();
afterAll(close);

test('a run that is paused does not begin, handed out or not; the one at work goes on', async () => {
  const study = plan('paused', 300);
  const [atWork, handedOut] = [keyOf(study, 'endpoint/A'), keyOf(study, 'endpoint/B')];
  await store.registerExperiment(study);
  await store.openExperiment(study.id);
  const order: TakeRequest = { experiment: study.id, batch: 1, others: [], known: [], most: 9 };
  const { runs } = await store.takeRuns(order);
  const known = runs.map(({ position }) => position);
  expect(runs.map(({ key }) => key)).toEqual(expect.arrayContaining([atWork, handedOut]));
  const by = { ...claimant, experiment: study.id };
  const epoch = await claim(atWork, by);

  const keys = [atWork, handedOut];
  expect(await store.holdRuns(study.id, keys, true)).toBe(1);
  expect(await store.holdRuns(study.id, keys, true)).toBe(0);
  for (let twice = 0; twice < 2; twice++) {
    expect(await store.beginAttempt(handedOut, by)).toEqual({ state: 'paused' });
  }
  await store.completeRun(atWork, epoch, nothing);

  const others = known.filter((position) => position !== runs.find(isIt)!.position);
  const later = await store.takeRuns({ ...order, known: others });
  expect(later.runs.map(({ key }) => key)).not.toContain(handedOut);
  expect(later).toMatchObject({ untaken: true, held: true });

  expect(await store.holdRuns(study.id, keys, false)).toBe(1);
  const again = await store.takeRuns({ ...order, batch: 2, others: [1], known: [] });
  expect(again.runs.filter(isIt)).toHaveLength(1);
  expect(await claim(handedOut, by)).toBe(1);

  function isIt({ key }: { readonly key: string }): boolean {
    return key === handedOut;
  }
});

test('a result that is there is taken, paused or not; another experiment may begin what one has paused', async () => {
  const [one, other] = [plan('mine', 310), plan('yours', 310)];
  const key = keyOf(one, 'endpoint/A');
  expect(keyOf(other, 'endpoint/A')).toBe(key);
  for (const study of [one, other]) {
    await store.registerExperiment(study);
    await store.openExperiment(study.id);
  }
  await store.holdRuns(one.id, [key], true);
  expect(await store.beginAttempt(key, { ...claimant, experiment: one.id })).toEqual({
    state: 'paused',
  });
  await store.completeRun(key, await claim(key, { experiment: other.id }), nothing);
  expect(await store.beginAttempt(key, { ...claimant, experiment: one.id })).toEqual({
    state: 'done',
  });
});
