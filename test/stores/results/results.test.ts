/** What runs leave in the results store: outputs, inputs, environment and metrics. */
import { afterAll, describe, expect, test } from 'vitest';
import { absent } from '../../../experiment/records/quantity.js';
import { row } from '../../../experiment/records/rows.js';
import { artifact, environment, keyOf, plan } from './plans.js';
import { createScratchStore, nothing } from './scratch-store.js';

const { store, sql, rowOf, freshRun, claim, close } = await createScratchStore();
afterAll(close);

describe('results', () => {
  test('are committed once, with outputs, inputs and environment', async () => {
    const mine = plan('commit', 300);
    await store.registerExperiment(mine);
    const [a, curve] = [keyOf(mine, 'endpoint/A'), keyOf(mine, 'curve/A-B')];
    const weights = artifact('weights of A');
    await store.completeRun(a, await claim(a), { ...nothing, outputs: { weights } });
    const epoch = await claim(curve);
    const result = {
      outputs: { controlPoints: artifact('bends'), log: artifact('weights of A') },
      inputs: [{ role: 'start', run: a, outputs: { weights } }] as const,
      environment,
    };
    await Promise.all(Array.from({ length: 5 }, () => store.completeRun(curve, epoch, result)));
    expect(await rowOf(curve)).toMatchObject({
      state: 'done',
      epoch,
      environment,
      outputs: result.outputs,
      startedAt: expect.any(Date),
      finishedAt: expect.any(Date),
    });
    const inputs = await sql.query('SELECT role, name, digest FROM run_input WHERE run = $1', [
      curve,
    ]);
    expect(inputs.rows).toEqual([{ role: 'start', name: 'weights', digest: weights.digest }]);
    const events = await sql.query(`SELECT type FROM event WHERE run = $1 ORDER BY id`, [curve]);
    expect(events.rows).toEqual([{ type: 'run.attempt' }, { type: 'run.done' }]);
  });

  test('that share artifacts are committed at once without a deadlock', async () => {
    const shared = Array.from({ length: 10 }, (_, i) => artifact(`shared ${i}`));
    const forwards = Object.fromEntries(shared.map((ref, i) => [`output${i}`, ref]));
    const backwards = Object.fromEntries(shared.reverse().map((ref, i) => [`output${i}`, ref]));
    const keys = await Promise.all(Array.from({ length: 10 }, (_, i) => freshRun(320 + 2 * i)));
    const epochs = await Promise.all(keys.map((key) => claim(key)));
    await Promise.all(
      keys.map((key, i) =>
        store.completeRun(key, epochs[i]!, { ...nothing, outputs: i % 2 ? forwards : backwards }),
      ),
    );
    for (const row of await store.findRuns(keys)) expect(row.state).toBe('done');
  });
});

describe('metrics', () => {
  test('keep every number bit for bit: NaN, infinities, denormals', async () => {
    const key = await freshRun(400);
    const values = [NaN, Infinity, -Infinity, 5e-324, 0.1 + 0.2, -1.7976931348623157e308, 0];
    const rows = [
      ...values.map((value, i) => row('evaluation', 'train_nll', { x: i / 10, n: 1000 }, value)),
      { series: 'train_nll', x: 1, ...absent('zero-gradient', 0) },
      { series: 'train_nll', x: 2, value: 0.5, n: 3 },
    ];
    await store.appendMetrics(key, await claim(key), rows);
    expect((await store.metricsOf([key])).get(key)).toEqual(rows);
  });

  test('written twice are there once, also within one call', async () => {
    const key = await freshRun(410);
    const epoch = await claim(key);
    const rows = [
      { series: 'b', x: 1, value: 3 },
      { series: 'a', x: 0.5, value: 1 },
      { series: 'b', x: 1, value: 4 },
    ];
    await Promise.all(Array.from({ length: 5 }, () => store.appendMetrics(key, epoch, rows)));
    expect((await store.metricsOf([key])).get(key)).toEqual([rows[1], rows[2]]);
  });

  test('of a newer attempt replace those of an older one', async () => {
    const key = await freshRun(420);
    const row = { series: 'a', x: 0, value: 1 };
    await store.appendMetrics(key, await claim(key), [row, { ...row, x: 1 }]);
    await store.appendMetrics(key, await claim(key), [{ ...row, value: 2 }]);
    expect((await store.metricsOf([key])).get(key)).toEqual([
      { ...row, value: 2 },
      { ...row, x: 1 },
    ]);
  });

  test('go in by the ten thousand, in order of x', async () => {
    const key = await freshRun(430);
    const rows = Array.from({ length: 25_000 }, (_, x) => ({
      series: 'batch_loss',
      x,
      value: x / 3,
    }));
    await store.appendMetrics(key, await claim(key), rows);
    expect((await store.metricsOf([key])).get(key)).toEqual(rows);
  });

  test('of a run that has none, or that does not exist, are an empty list', async () => {
    expect(await store.metricsOf(['nobody'])).toEqual(new Map([['nobody', []]]));
  });
});
