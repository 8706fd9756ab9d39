/** Attempts at runs in the results store: epochs, leases, and why runs have failed or never started. */
import { afterAll, describe, expect, test } from 'vitest';
import { StaleAttemptError } from '../../../stores/results/results-store.js';
import { keyOf, plan } from './plans.js';
import { claimant, createScratchStore, nothing } from './scratch-store.js';

const { store, sql, rowOf, freshRun, claim, close } = await createScratchStore();
afterAll(close);

describe('attempts', () => {
  test('begun 20 at once each get an epoch of their own', async () => {
    const key = await freshRun(100);
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(key)));
    expect(claims.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(await rowOf(key)).toMatchObject({ state: 'running', epoch: 20 });
    await store.endAttempt(key, 20, 'interrupted', null);
    const open = await sql.query(
      'SELECT epoch FROM attempt WHERE run = $1 AND outcome IS DISTINCT FROM $2',
      [key, 'superseded'],
    );
    expect(open.rows).toEqual([{ epoch: 20 }]);
  });

  test('at a run that is done do not begin', async () => {
    const key = await freshRun(110);
    await store.completeRun(key, await claim(key), nothing);
    expect(await store.beginAttempt(key, claimant)).toEqual({ state: 'done' });
    expect((await rowOf(key)).epoch).toBe(1);
  });

  test('at a run that nobody registered are refused', async () => {
    await expect(store.beginAttempt('0'.repeat(64), claimant)).rejects.toThrow(/not registered/);
  });

  test('that are not the newest may write nothing', async () => {
    const key = await freshRun(120);
    const old = await claim(key);
    await store.appendMetrics(key, old, [{ series: 'batch_loss', x: 0, value: 1 }]);
    const epoch = await claim(key);
    const row = { series: 'batch_loss', x: 0, value: 666 };
    await expect(store.appendMetrics(key, old, [row])).rejects.toThrow(StaleAttemptError);
    await expect(store.appendMetrics(key, old, [])).rejects.toThrow(StaleAttemptError);
    await expect(store.completeRun(key, old, nothing)).rejects.toThrow(StaleAttemptError);
    await expect(store.endAttempt(key, old, 'failed', null)).rejects.toThrow(StaleAttemptError);
    expect(await rowOf(key)).toMatchObject({ state: 'running', epoch, failure: null });
    expect((await store.metricsOf([key])).get(key)).toEqual([{ ...row, value: 1 }]);
  });

  test('racing a newer one leave only values that were written before it began', async () => {
    const key = await freshRun(130);
    const old = await claim(key);
    const row = { series: 'batch_loss', x: 0, value: old };
    const writes = Array.from({ length: 30 }, () => store.appendMetrics(key, old, [row]));
    const next = claim(key).then((epoch) =>
      store.appendMetrics(key, epoch, [{ ...row, value: epoch }]),
    );
    await Promise.allSettled(writes);
    await next;
    expect((await store.metricsOf([key])).get(key)).toEqual([{ ...row, value: old + 1 }]);
  });

  test('that failed say why, until the next begins', async () => {
    const key = await freshRun(140);
    const failure = { type: 'diverged', message: 'loss is NaN at step 3' } as const;
    await store.endAttempt(key, await claim(key), 'failed', failure);
    expect(await rowOf(key)).toMatchObject({
      state: 'failed',
      failure,
      finishedAt: expect.any(Date),
    });
    expect(await store.beginAttempt(key, claimant)).toEqual({ state: 'failed', failure });
    await claim(key, { holder: 'activity/2' });
    expect(await rowOf(key)).toMatchObject({ state: 'running', failure: null, finishedAt: null });
  });

  test('that ended stay as they are', async () => {
    const key = await freshRun(150);
    const epoch = await claim(key);
    await store.completeRun(key, epoch, nothing);
    await store.endAttempt(key, epoch, 'cancelled', null);
    expect((await rowOf(key)).state).toBe('done');
  });
});

describe('leases', () => {
  test('of 20 holders at once one gets the run, and the others are told so', async () => {
    const key = await freshRun(160);
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        store.beginAttempt(key, { ...claimant, holder: `activity/${i}` }),
      ),
    );
    expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    expect(claims.filter(({ state }) => state === 'held')).toHaveLength(19);
    expect(await rowOf(key)).toMatchObject({ state: 'running', epoch: 1 });
  });

  test('hold while they are renewed, by the clock of the database, and no longer', async () => {
    const key = await freshRun(170);
    const epoch = await claim(key, { leaseMs: 3000 });
    const other = { ...claimant, holder: 'activity/2' };
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(await store.renewLease(key, epoch, 3000)).toBe(true);
      expect(await store.beginAttempt(key, other)).toEqual({ state: 'held', epoch });
    }
    await new Promise((resolve) => setTimeout(resolve, 3100));
    expect(await claim(key, other)).toBe(epoch + 1);
    expect(await store.renewLease(key, epoch, 3000)).toBe(false);
  });

  test('tell in which queues a worker is at a run, until they are over', async () => {
    await sql.query('UPDATE run SET lease_until = NULL');
    expect(await store.workedQueues()).toEqual(new Set());
    const key = await freshRun(175);
    const epoch = await claim(key, { leaseMs: 500 });
    expect(await store.workedQueues()).toEqual(new Set(['gpu']));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await store.workedQueues()).toEqual(new Set());
    await store.renewLease(key, epoch, 60_000);
    await store.endAttempt(key, epoch, 'interrupted', null);
    expect(await store.workedQueues()).toEqual(new Set());
  });

  test('end with their attempt: the run is free at once', async () => {
    const key = await freshRun(180);
    await store.endAttempt(key, await claim(key), 'interrupted', null);
    expect(await claim(key, { holder: 'activity/2' })).toBe(2);
  });

  test('do not keep the next attempt of the same activity waiting', async () => {
    const key = await freshRun(190);
    expect([await claim(key), await claim(key)]).toEqual([1, 2]);
  });
});

describe('runs that never started', () => {
  test('are marked with a reason; running and done ones stay as they are', async () => {
    const mine = plan('blocked', 200);
    await store.registerExperiment(mine);
    const [a, b, curve] = ['endpoint/A', 'endpoint/B', 'curve/A-B'].map((name) =>
      keyOf(mine, name),
    );
    await store.completeRun(a!, await claim(a!), nothing);
    await claim(b!);
    await store.markUnstarted([a!, b!, curve!], 'blocked', 'endpoint/B failed');
    const states = (await store.findRuns([a!, b!, curve!])).map((row) => [row.state, row.reason]);
    expect(states).toEqual([
      ['done', null],
      ['running', null],
      ['blocked', 'endpoint/B failed'],
    ]);
    await store.markUnstarted([curve!], 'queued', null);
    expect(await rowOf(curve!)).toMatchObject({ state: 'queued', reason: null, finishedAt: null });
  });

  test('are marked by many callers in any order without a deadlock', async () => {
    const mine = plan('many', 210);
    await store.registerExperiment(mine);
    const keys = mine.runs.map((run) => run.key);
    const orders = Array.from({ length: 20 }, (_, i) => (i % 2 ? keys : [...keys].reverse()));
    await Promise.all(orders.map((order) => store.markUnstarted(order, 'cancelled', 'by hand')));
    expect(new Set((await store.runsOf(mine.id)).map((row) => row.state))).toEqual(
      new Set(['cancelled']),
    );
  });
});
