/** Runs that fail: what each failure is called, how often it is tried, and what becomes of the other runs. */
import { tmpdir } from 'node:os';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRunActivities, createSpoolBudget } from '../../activities/index.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import { newKey, planOf, runNamed } from './plans.js';
import { createRig, type Rig } from './rig.js';
import { stackBlobs } from '../stack.js';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());

/** One call of the activity, without a workflow. */
function executeOnce(experiment: string, run: RunKey): Promise<unknown> {
  const { executeRuns } = createRunActivities({
    ...{ results: rig.results, engines: rig.pool, worker: 'w', noProgressTimeoutMs: 20_000 },
    blobs: stackBlobs(),
    ...{
      spool: createSpoolBudget(tmpdir(), 0),
      versions: semanticVersions,
      precisions: ['float32'] as const,
    },
  });
  return new MockActivityEnvironment().run(executeRuns, { experiment, runs: [run] });
}

test('a diverged run is not tried again, and the rows of what needs it say why they never ran', async () => {
  const bad = runNamed({ name: 'fail/diverged' });
  const child = runNamed({ name: 'succeed/child', needs: [{ role: 'start', run: bad.key }] });
  const plan = planOf([bad, child]);
  expect(await rig.carryOut(plan)).toMatchObject({
    state: 'failed',
    ...{ failed: 1, blocked: 1 },
    problems: [
      { name: 'fail/diverged', why: 'diverged: scripted: diverged' },
      { name: 'succeed/child', why: 'blocked: fail/diverged failed' },
    ],
  });
  expect(await rig.rowsOf(plan)).toMatchObject([
    { state: 'failed', epoch: 1, failure: { type: 'diverged' } },
    { state: 'blocked', epoch: 0, reason: 'fail/diverged failed' },
  ]);
  expect((await rig.results.findExperiment(plan.id))?.state).toBe('failed');
});

test('a crash is tried three times, then the run has failed and its siblings are done', async () => {
  const plan = planOf([runNamed({ name: 'segfault' }), runNamed({ name: 'succeed/beside' })]);
  const result = await rig.carryOut(plan);
  expect(result).toMatchObject({ state: 'failed', done: 1, failed: 1 });
  expect(result.problems[0]!.why).toMatch(/^crashed: .*SIGSEGV/);
  expect(await rig.rowsOf(plan)).toMatchObject([
    { state: 'failed', epoch: 3, failure: { type: 'crashed' } },
    { state: 'done', epoch: 1 },
  ]);
});

test('a run that no longer moves is stopped and called so', async () => {
  const plan = planOf([runNamed({ name: 'hang' })]);
  const result = await rig.carryOut(plan, { noProgressTimeoutMs: 700 });
  expect(result.problems).toMatchObject([{ why: expect.stringMatching(/^no-progress:/) }]);
  expect(await rig.rowsOf(plan)).toMatchObject([{ state: 'failed', epoch: 3 }]);
});

test('every kind of failure is called by its name, and is that of one run only', async () => {
  const kinds = {
    'fail/diverged': 'diverged',
    'fail/bad-input': 'bad-input',
    'fail/disk-full': 'disk-full',
    'exhaust-heap': 'out-of-memory',
    segfault: 'crashed',
    hang: 'no-progress',
  };
  const names = [...Object.keys(kinds), 'succeed/one', 'succeed/two'];
  const plan = planOf(names.map((name) => runNamed({ name })));
  expect(await rig.carryOut(plan, { noProgressTimeoutMs: 6000 })).toMatchObject({ done: 2 });
  const found = (await rig.rowsOf(plan)).map(({ run, state, failure }) => [
    run.name,
    failure?.type ?? state,
  ]);
  const expected = { ...kinds, 'succeed/one': 'done', 'succeed/two': 'done' };
  expect(Object.fromEntries(found)).toEqual(expected);
});

test('a run whose input is not there fails at once, and its row says what is missing', async () => {
  const missing = runNamed({ name: 'succeed/never-run' });
  const run = runNamed({ name: 'succeed/needy', needs: [{ role: 'start', run: missing.key }] });
  const plan = planOf([missing, run]);
  await rig.results.registerExperiment(plan);
  await expect(executeOnce(plan.id, run.key)).rejects.toMatchObject({
    type: 'bad-input',
    nonRetryable: true,
  });
  expect((await rig.rowsOf(plan))[1]).toMatchObject({
    state: 'failed',
    failure: { type: 'bad-input', message: expect.stringContaining('which is queued') as string },
  });
});

test('a run that the database does not know is refused with what to do', async () => {
  await expect(executeOnce('x', newKey())).rejects.toMatchObject({
    type: 'bad-input',
    message: expect.stringContaining('isthmus run') as string,
  });
});
