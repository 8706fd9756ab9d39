/** Experiments in the results store: registered, registered again, found and ended. */
import { afterAll, describe, expect, test } from 'vitest';
import { digestOfRuns } from '../../../experiment/plan/keys.js';
import { createResultsStore } from '../../../stores/results/prisma-results-store.js';
import { keyOf, plan, sha256 } from './plans.js';
import { createScratchStore, nothing } from './scratch-store.js';

const { url, store, rowOf, claim, close } = await createScratchStore();
afterAll(close);

describe('experiments', () => {
  test('come back as they were planned', async () => {
    const mine = plan('planned', 1);
    await store.registerExperiment(mine);
    expect(await store.findExperiment(mine.id)).toEqual({
      id: mine.id,
      name: 'planned',
      plan: digestOfRuns(mine, sha256),
      signature: mine.signature,
      config: mine.config,
      state: 'running',
      createdAt: expect.any(Date),
      finishedAt: null,
    });
    const rows = await store.runsOf(mine.id);
    expect(rows.map((row) => row.run)).toEqual(mine.runs);
    expect(rows[0]).toMatchObject({ state: 'queued', epoch: 0, failure: null, outputs: {} });
  });

  test('register safely 20 at once, with the same and with shared runs', async () => {
    const plans = Array.from({ length: 20 }, (_, i) =>
      plan(`shared-${i % 5}`, 10, 0.1 + (i % 5) / 10),
    );
    const stores = [store, createResultsStore(url)];
    await Promise.all(plans.map((each, i) => stores[i % 2]!.registerExperiment(each)));
    await stores[1]!.close();
    for (const each of plans) {
      expect((await store.runsOf(each.id)).map((row) => row.run)).toEqual(each.runs);
    }
    const keys = plans.map((each) => keyOf(each, 'endpoint/A'));
    expect(new Set(keys).size).toBe(1);
    expect(await store.findRuns(keys)).toHaveLength(1);
  });

  test('registered again run again, and keep what is done', async () => {
    const mine = plan('again', 20);
    await store.registerExperiment(mine);
    const key = keyOf(mine, 'endpoint/A');
    await store.completeRun(key, await claim(key), nothing);
    await store.setExperimentState(mine.id, 'failed');
    expect(await store.findExperiment(mine.id)).toMatchObject({
      state: 'failed',
      finishedAt: expect.any(Date),
    });
    await store.registerExperiment(mine);
    expect(await store.findExperiment(mine.id)).toMatchObject({
      state: 'running',
      finishedAt: null,
    });
    expect(await rowOf(key)).toMatchObject({ state: 'done', epoch: 1 });
  });

  test('point at the new runs after a semantic version was raised; the old results stay', async () => {
    const mine = plan('raised', 30);
    await store.registerExperiment(mine);
    const other = plan('raised', 32);
    const raised = { ...mine, runs: other.runs };
    await store.registerExperiment(raised);
    expect((await store.runsOf(mine.id)).map((row) => row.run)).toEqual(other.runs);
    const key = keyOf(mine, 'endpoint/A');
    expect(await rowOf(key)).toMatchObject({ run: { key, name: `endpoint/${key.slice(0, 10)}` } });
  });

  test('are found by a prefix that fits one, not by one that fits none or several', async () => {
    const [first, second] = [plan('prefix-one', 40), plan('prefix-two', 40)];
    await store.registerExperiment(first);
    await store.registerExperiment(second);
    expect((await store.findExperiment('prefix-o'))?.id).toBe(first.id);
    expect(await store.findExperiment('prefix_')).toBeNull();
    await expect(store.findExperiment('prefix-')).rejects.toMatchObject({
      kind: 'bad-input',
      message: `"prefix-" fits 2 experiments: ${first.id}, ${second.id}`,
    });
  });

  test('with the id of another signature are refused', async () => {
    const mine = plan('collision', 50);
    await store.registerExperiment(mine);
    const signature = mine.signature.replace(/..$/, 'zz');
    await expect(store.registerExperiment({ ...mine, signature })).rejects.toThrow(/exists with/);
  });

  test('that do not exist cannot change state', async () => {
    await expect(store.setExperimentState('nobody', 'done')).rejects.toThrow(/no experiment/);
  });
});
