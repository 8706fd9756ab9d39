/** The contract of the results store, against a real Postgres. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../experiment/errors.js';
import { digestOfRuns } from '../../experiment/plan/keys.js';
import { loadSettings } from '../../infra/settings.js';
import { createScratchDatabase, type ScratchDatabase } from '../../prisma/scratch-database.js';
import { deployMigrations } from '../../stores/migrations.js';
import { createResultsStore } from '../../stores/prisma-results-store.js';
import {
  StaleAttemptError,
  type Claimant,
  type ResultsStore,
  type RunRow,
} from '../../stores/results-store.js';
import { stackEnv } from '../stack.js';
import { artifact, environment, keyOf, plan, sha256 } from './plans.js';

let scratch: ScratchDatabase;
let store: ResultsStore;
let sql: pg.Client;
beforeAll(async () => {
  scratch = await createScratchDatabase(loadSettings(stackEnv()).databaseUrl);
  await deployMigrations(scratch.url);
  store = createResultsStore(scratch.url);
  sql = new pg.Client({ connectionString: scratch.url });
  await sql.connect();
});
afterAll(async () => {
  await store.close();
  await sql.end();
  await scratch.drop();
});

async function rowOf(key: string): Promise<RunRow> {
  return (await store.findRuns([key]))[0]!;
}

/** A registered run of its own, from its seed. */
async function freshRun(seed: number): Promise<string> {
  const fresh = plan(`fresh-${seed}`, seed);
  await store.registerExperiment(fresh);
  return keyOf(fresh, 'endpoint/A');
}

/** Of the same holder each time, as the attempts of one activity are. */
async function claim(key: string, by: Partial<Claimant> = {}): Promise<number> {
  const claimed = await store.beginAttempt(key, { ...claimant, ...by });
  if (claimed.state !== 'claimed') throw new Error(`the run is ${claimed.state}`);
  return claimed.epoch;
}

const claimant = { worker: 'host/1', holder: 'activity/1', experiment: null, leaseMs: 60_000 };

const nothing = { outputs: {}, inputs: [], environment: null };

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
    const stores = [store, createResultsStore(scratch.url)];
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
    const epoch = await claim(key, { leaseMs: 1000 });
    const other = { ...claimant, holder: 'activity/2' };
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(await store.renewLease(key, epoch, 1000)).toBe(true);
      expect(await store.beginAttempt(key, other)).toEqual({ state: 'held', epoch });
    }
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await claim(key, other)).toBe(epoch + 1);
    expect(await store.renewLease(key, epoch, 1000)).toBe(false);
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
    const rows = values.map((value, i) => ({ series: 'train_nll', x: i / 10, value }));
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

describe('public views', () => {
  test('show each point of finished runs once, and lead from an attack back to both endpoints', async () => {
    const mine = plan('views', 500);
    await store.registerExperiment(mine);
    const finish = async (name: string, series: readonly string[]) => {
      const key = keyOf(mine, name);
      const epoch = await claim(key);
      const rows = [0, 0.5, 1].flatMap((x) =>
        series.map((s, i) => ({ series: s, x, value: i + x })),
      );
      await store.appendMetrics(key, epoch, [{ series: series[0]!, x: 0.5, value: NaN }]);
      await store.appendMetrics(key, epoch, rows);
      await store.completeRun(key, epoch, nothing);
    };
    await finish('evaluation/A-B', ['train_nll', 'test_error']);
    await finish('evaluation/A-B/line', ['train_nll', 'test_error']);
    await finish('attack/A-B/pgd', ['clean_nll', 'robust_error']);
    await finish('spectrum/A-B', ['eigenvalue_mean']);
    await finish('weight-spectrum/A-B', ['weight_eigenvalue_max', 'weight_trace']);

    const points = await sql.query(
      'SELECT curve, path, t, train_nll, test_error, test_nll FROM v1_curve_points WHERE experiment = $1 ORDER BY path, t',
      [mine.id],
    );
    expect(points.rows).toHaveLength(6);
    expect(points.rows[1]).toEqual({
      curve: 'A-B',
      path: 'curve',
      t: 0.5,
      train_nll: 0.5,
      test_error: 1.5,
      test_nll: null,
    });
    const attacks = await sql.query(
      'SELECT attack, epsilon, t, clean_nll, robust_error FROM v1_attacks WHERE experiment = $1 ORDER BY t',
      [mine.id],
    );
    expect(attacks.rows).toHaveLength(3);
    expect(attacks.rows[2]).toEqual({
      attack: 'pgd',
      epsilon: 0.1,
      t: 1,
      clean_nll: 1,
      robust_error: 2,
    });
    const spectra = await sql.query(
      'SELECT t, eigenvalue_mean FROM v1_spectra WHERE experiment = $1 ORDER BY t',
      [mine.id],
    );
    expect(spectra.rows).toHaveLength(3);
    expect(spectra.rows[0]).toEqual({ t: 0, eigenvalue_mean: 0 });
    const weights = await sql.query(
      'SELECT split, images, reduction, t, largest, smallest, trace FROM v1_weight_spectra WHERE experiment = $1 ORDER BY t',
      [mine.id],
    );
    expect(weights.rows).toHaveLength(3);
    expect(weights.rows[2]).toEqual({
      ...{ split: 'train', images: 4, reduction: 'mean' },
      ...{ t: 1, largest: 1, smallest: null, trace: 2 },
    });
    const lineage = await sql.query(
      'SELECT role, depth, ancestor_name FROM v1_lineage WHERE experiment = $1 AND name = $2 ORDER BY ancestor_name',
      [mine.id, 'attack/A-B/pgd'],
    );
    expect(lineage.rows).toEqual([
      { role: 'curve', depth: 1, ancestor_name: 'curve/A-B' },
      { role: 'start', depth: 1, ancestor_name: 'endpoint/A' },
      { role: 'end', depth: 1, ancestor_name: 'endpoint/B' },
    ]);
    const summary = await sql.query(
      "SELECT ancestor_name, min(depth) AS depth FROM v1_lineage WHERE run = $1 AND ancestor_kind = 'endpoint' GROUP BY 1 ORDER BY 1",
      [keyOf(mine, 'summary/A-B')],
    );
    expect(summary.rows).toEqual([
      { ancestor_name: 'endpoint/A', depth: 2 },
      { ancestor_name: 'endpoint/B', depth: 2 },
    ]);
  });
});

describe('a database that is not there', () => {
  const variants: readonly (readonly [string, (url: URL) => void, RegExp])[] = [
    [
      'nothing listens',
      (url) => (url.port = '1'),
      /^database 127\.0\.0\.1:1\/scratch_\w+: nothing/,
    ],
    [
      'a wrong password',
      (url) => (url.password = 'wr0ng-secret'),
      /refused the (user or the )?password/,
    ],
    [
      'no such database',
      (url) => (url.pathname = '/nowhere'),
      /\/nowhere: it has no such database/,
    ],
    ['no tables', (url) => (url.pathname = '/postgres'), /lacks the tables/],
  ];
  test.each(variants)(
    '(%s) is told in one line without the password',
    async (_, change, message) => {
      const url = new URL(scratch.url);
      change(url);
      const broken = createResultsStore(url.href);
      const password = url.password;
      for (const attempt of [
        () => broken.listExperiments(),
        () => broken.beginAttempt('key', claimant),
        () => broken.completeRun('key', 1, nothing),
      ]) {
        const error = await attempt().catch((e: unknown) => e);
        expect(error).toBeInstanceOf(UserError);
        const { kind, message: text, hint } = error as UserError;
        expect(kind).toBe('dependency-down');
        expect(text).toMatch(message);
        expect(text).not.toContain('\n');
        expect(hint).toContain('./isthmus up');
        expect(JSON.stringify([text, hint])).not.toContain(password);
      }
      await broken.close();
    },
  );
});

test('a store whose connections were cut says so, and works again by itself', async () => {
  const cut = createResultsStore(scratch.url, { connections: 2 });
  await cut.listExperiments();
  for (let round = 0; round < 3; round++) {
    const during = Promise.allSettled(Array.from({ length: 4 }, () => cut.listExperiments()));
    await sql.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    for (const outcome of await during) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ kind: 'dependency-down' });
    }
    await vi.waitFor(() => cut.listExperiments());
  }
  await cut.close();
});

test('a statement that waits too long is given up as an outage', async () => {
  const key = await freshRun(600);
  const epoch = await claim(key);
  const hasty = createResultsStore(scratch.url, { statementTimeoutMs: 200 });
  await sql.query('BEGIN');
  await sql.query('SELECT FROM run WHERE key = $1 FOR UPDATE', [key]);
  const row = { series: 'a', x: 0, value: 1 };
  await expect(hasty.appendMetrics(key, epoch, [row])).rejects.toMatchObject({
    kind: 'dependency-down',
    message: expect.stringContaining('did not end in time'),
  });
  await sql.query('ROLLBACK');
  await hasty.appendMetrics(key, epoch, [row]);
  await hasty.close();
});

test('a store that was never used closes', async () => {
  await expect(createResultsStore(scratch.url).close()).resolves.toBeUndefined();
});

test('take the names of series apart: statistics, attacks with dots, and places of two axes', async () => {
  const mine = plan('analysis-views', 560);
  await store.registerExperiment(mine);
  const finish = async (name: string, values: Readonly<Record<string, number>>, x = 0) => {
    const key = keyOf(mine, name);
    const epoch = await claim(key);
    const rows = Object.entries(values).map(([series, value]) => ({ series, x, value }));
    await store.appendMetrics(key, epoch, rows);
    await store.completeRun(key, epoch, nothing);
  };
  await finish(
    'spectrum/A-B',
    { eigenvalue_mean: 1, gradient_l1_mean: 2, alignment_mean: 0.9 },
    0.5,
  );
  await finish(
    'transfer/A-B',
    { 'transfer_error@0': 4, 'transfer_error@0.5': 5, 'transfer_nll@0.5': 6 },
    1,
  );
  await finish('ensemble/A-B', { ensemble_error: 7, ensemble_disagreement: 8, member_error: 9 });
  await finish('summary/A-B', {
    ...{ 'test_error.max': 1, 'test_error.barrier': 2, 'test_error.barrier_at': 0.25 },
    ...{ 'pgd.0.1.robust_nll.barrier_over_mean': 3, 'pgd.0.1.pearson': 0.5 },
    ...{ 'pgd.0.1.pearson.eigenvalue_mean': 0.5, 'pgd.0.1.pearson.eigenvalue_mean.low': 0.4 },
    ...{ 'pgd.0.1.pearson.eigenvalue_mean.high': 0.6 },
  });
  const rowsOf = async (columns: string, view: string) =>
    (
      await sql.query(`SELECT ${columns} FROM ${view} WHERE experiment = $1 ORDER BY 1, 2`, [
        mine.id,
      ])
    ).rows as unknown[];
  expect(await rowsOf('t, gradient_l1_mean, epsilon', 'v1_gradients')).toEqual([
    { t: 0.5, gradient_l1_mean: 2, epsilon: null },
  ]);
  expect(await rowsOf('crafted_t, tried_t, error, nll', 'v1_transfers')).toEqual([
    { crafted_t: 0, tried_t: 1, error: 4, nll: null },
    { crafted_t: 0.5, tried_t: 1, error: 5, nll: 6 },
  ]);
  expect(
    await rowsOf('members, error, disagreement, robust_error, member_error_mean', 'v1_ensembles'),
  ).toEqual([{ members: 3, error: 7, disagreement: 8, robust_error: null, member_error_mean: 9 }]);
  expect(
    await rowsOf('attack, series, barrier, barrier_at, barrier_over_mean', 'v1_barriers'),
  ).toEqual([
    {
      attack: 'pgd.0.1',
      series: 'robust_nll',
      barrier: null,
      barrier_at: null,
      barrier_over_mean: 3,
    },
    { attack: null, series: 'test_error', barrier: 2, barrier_at: 0.25, barrier_over_mean: null },
  ]);
  expect(
    await rowsOf('attack, correlation, predictor, value, low, high', 'v1_correlations'),
  ).toEqual([
    {
      attack: 'pgd.0.1',
      correlation: 'pearson',
      predictor: 'eigenvalue_mean',
      value: 0.5,
      low: 0.4,
      high: 0.6,
    },
  ]);
});
