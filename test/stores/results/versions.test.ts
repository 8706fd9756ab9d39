/** Whose code may compute a run: the claim compares the version it was planned under with that of the worker. */
import { afterAll, describe, expect, test } from 'vitest';
import { semanticVersions, type Versions } from '../../../experiment/kinds/index.js';
import type { TakeRequest } from '../../../experiment/records/workflow-records.js';
import type { Claimant } from '../../../stores/results/results-store.js';
import { keyOf, plan } from './plans.js';
import { claimant, createScratchStore, nothing } from './scratch-store.js';

const { store, sql, rowOf, claim, close } = await createScratchStore();
afterAll(close);

const version = semanticVersions.endpoint;
const older = { ...semanticVersions, endpoint: version - 1 };
const newer = { ...semanticVersions, endpoint: version + 1 };
const withoutEndpoints = { ...semanticVersions, endpoint: undefined };

/** An experiment that runs, whose endpoint A is in the hands of its first batch. */
async function handedOut(name: string, seed: number, precision?: 'tf32') {
  const study = plan(name, seed, 0.1, precision);
  const key = keyOf(study, 'endpoint/A');
  await store.registerExperiment(study);
  await store.openExperiment(study.id);
  const order: TakeRequest = { experiment: study.id, batch: 1, others: [], known: [], most: 1 };
  const take = () => store.takeRuns(order);
  const claimBy = (able: Pick<Claimant, 'versions' | 'precisions'>) =>
    store.beginAttempt(key, { ...claimant, experiment: study.id, ...able });
  const claimAs = (versions: Versions) => claimBy({ versions, precisions: ['float32'] });
  expect((await take()).runs).toMatchObject([{ key }]);
  const row = async () => (await store.runsOf(study.id)).find(({ run }) => run.key === key)!;
  return { study, key, take, claimBy, claimAs, row };
}

describe('a run that was planned under another version', () => {
  test.each([
    ['older', older, version - 1, 900],
    ['newer', newer, version + 1, 910],
    ['without such a kind', withoutEndpoints, null, 920],
  ])('is refused by code that is %s, and handed back', async (_name, versions, own, seed) => {
    const { claimAs, row, take } = await handedOut(`refused-${seed}`, seed);
    expect(await claimAs(versions)).toEqual({
      state: 'refused',
      version,
      own,
      precision: 'float32',
    });
    expect(await row()).toMatchObject({ state: 'queued', epoch: 0, inHand: false, refused: true });
    const { runs, held, againMs } = await take();
    expect(runs.map(({ name }) => name)).toEqual(['endpoint/B']);
    expect(held).toBe(true);
    expect(againMs).toBeGreaterThan(0);
    expect(againMs).toBeLessThanOrEqual(1000);
    expect(await claimAs(semanticVersions)).toMatchObject({ state: 'claimed', epoch: 1 });
    expect(await row()).toMatchObject({ state: 'running', refused: false });
  });

  test('is handed out ever less often, and at once when its experiment is opened again', async () => {
    const { study, claimAs, take } = await handedOut('ever-less', 930);
    const seconds: number[] = [];
    for (let refusal = 0; refusal < 8; refusal++) {
      await claimAs(older);
      seconds.push(Math.round((await take()).againMs! / 1000));
    }
    expect(seconds).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    const other = await handedOut('like-it', 935);
    await store.completeRun(other.key, await claim(other.key), nothing);
    await claimAs(older);
    expect(Math.round((await take()).againMs! / 1000)).toBe(4);
    await store.openExperiment(study.id, 'all', 'the next execution');
    expect((await take()).runs).toMatchObject([{ name: 'endpoint/A' }]);
  });

  test('stays refused while it is handed out again, until it is claimed', async () => {
    const { key, claimAs, row, take } = await handedOut('again', 925);
    await claimAs(older);
    await sql.query('UPDATE experiment_run SET refused_until = now() WHERE run = $1', [key]);
    expect((await take()).runs).toMatchObject([{ key }]);
    expect(await row()).toMatchObject({ state: 'queued', inHand: true, refused: true });
    expect((await store.standingsOf([key])).get(key)).toMatchObject({ refused: true });
    await claimAs(semanticVersions);
    expect(await row()).toMatchObject({ state: 'running', refused: false });
  });

  test('leaves one event, however often it is refused', async () => {
    const { key, claimAs } = await handedOut('told-once', 940);
    for (let refusal = 0; refusal < 3; refusal++) await claimAs(older);
    const told = await sql.query(`SELECT data FROM event WHERE run = $1 AND type = 'run.refused'`, [
      key,
    ]);
    const data = {
      ...{ version, worker: claimant.worker },
      ...{ computes: version - 1, precision: 'float32' },
    };
    expect(told.rows).toEqual([{ data }]);
  });

  test('is interrupted when the worker that had begun it is lost, and keeps its attempts', async () => {
    const { study, key, claimAs, row } = await handedOut('lost', 950);
    await claim(key, { experiment: study.id });
    expect(await claimAs(older)).toMatchObject({ state: 'refused' });
    expect(await row()).toMatchObject({ state: 'interrupted', epoch: 1, refused: true });
    expect(await claimAs(semanticVersions)).toMatchObject({ state: 'claimed', epoch: 2 });
  });

  test('is left alone while another worker is at it', async () => {
    const { study, key, claimAs, row } = await handedOut('at-work', 960);
    await claim(key, { experiment: study.id, holder: 'another' });
    expect(await claimAs(older)).toMatchObject({ state: 'refused' });
    expect(await row()).toMatchObject({ state: 'running', epoch: 1 });
  });

  test('is taken as it is once it is done', async () => {
    const { key, claimAs } = await handedOut('done', 970);
    await store.completeRun(key, await claim(key), nothing);
    expect(await claimAs(older)).toEqual({ state: 'done' });
  });
});

describe('a run in tf32', () => {
  test('is handed back by a worker without GPUs, and claimed by one with them', async () => {
    const { claimBy, claimAs, row, key } = await handedOut('tf32', 995, 'tf32');
    const precision = 'tf32';
    const refusal = { state: 'refused', version, own: version, precision };
    expect(await claimAs(semanticVersions)).toEqual(refusal);
    expect(await row()).toMatchObject({ state: 'queued', epoch: 0, inHand: false, refused: true });
    const { rows } = await sql.query(
      `SELECT data FROM event WHERE run = $1 AND type = 'run.refused'`,
      [key],
    );
    expect(rows).toMatchObject([{ data: { version, computes: version, precision } }]);
    const precisions = ['float32', 'tf32'] as const;
    expect(await claimBy({ versions: older, precisions })).toMatchObject({ state: 'refused' });
    const gpus = { versions: semanticVersions, precisions };
    expect(await claimBy(gpus)).toMatchObject({ state: 'claimed', epoch: 1 });
  });

  test('of a version not yet written down is handed back too', async () => {
    const { claimAs, key } = await handedOut('unversioned-tf32', 1000, 'tf32');
    await sql.query('UPDATE run SET version = NULL WHERE key = $1', [key]);
    expect(await claimAs(semanticVersions)).toMatchObject({ state: 'refused', version });
  });
});

describe('a run from before versions were recorded', () => {
  test('is computed by code that gives its key, which is then written down', async () => {
    const { key, claimAs } = await handedOut('unversioned', 980);
    await sql.query('UPDATE run SET version = NULL WHERE key = $1', [key]);
    expect(await claimAs(older)).toMatchObject({ state: 'refused', version: null });
    expect((await rowOf(key)).version).toBeNull();
    expect(await claimAs(semanticVersions)).toMatchObject({ state: 'claimed' });
    expect((await rowOf(key)).version).toBe(version);
  });
});

test('a plan tells which of its runs wait for other workers', async () => {
  const { key, claimAs } = await handedOut('planned', 990);
  await claimAs(newer);
  expect((await store.standingsOf([key])).get(key)).toMatchObject({ refused: true, version });
  await claimAs(semanticVersions);
  expect((await store.standingsOf([key])).get(key)).toMatchObject({ refused: false });
});
