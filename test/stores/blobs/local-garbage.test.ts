/** Copies of checkpoints that a machine keeps for itself: which of them gc removes. */
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunKey } from '../../../experiment/records/runs.js';
import { semanticVersions } from '../../../experiment/kinds/index.js';
import { loadSettings } from '../../../settings/settings.js';
import { createResultsStore } from '../../../stores/results/prisma-results-store.js';
import type { ResultsStore } from '../../../stores/results/results-store.js';
import { sweepLocalCheckpoints } from '../../../stores/blobs/local-garbage.js';
import { localCheckpoints } from '../../../engine/process/local-checkpoints.js';
import { newKey, planOf, runNamed } from '../../activities/plans.js';
import { isthmus } from '../../cli/isthmus.js';
import { stackEnv } from '../../stack.js';
import { artifact } from '../results/plans.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-copies-'));
let results: ResultsStore;

beforeAll(() => {
  results = createResultsStore(loadSettings(stackEnv()).databaseUrl);
});
afterAll(async () => {
  await results.close();
  rmSync(folder, { recursive: true });
});

const day = 86_400_000;
const now = new Date('2026-06-10T00:00:00Z');

async function keep(run: RunKey, daysAgo: number): Promise<void> {
  const bytes = Buffer.from('state');
  const ref = { step: 5, total: 9, blob: artifact('state') };
  await localCheckpoints(folder).keep(run, ref, bytes);
  const at = new Date(now.getTime() - daysAgo * day);
  const [name] = readdirSync(folder).filter((one) => one.startsWith(run));
  utimesSync(join(folder, name!), at, at);
}

const names = ['failed', 'retried', 'interrupted', 'done', 'young'];

test('copies of runs that failed for good, are done or unknown go; others stay, and young ones', async () => {
  const runs = Object.fromEntries(names.map((name) => [name, runNamed({ name }).key]));
  const plan = planOf(names.map((name) => ({ ...runNamed({ name }), key: runs[name]! })));
  await results.registerExperiment(plan);
  const failure = { type: 'crashed', message: 'three times' } as const;
  for (const name of names) {
    const key = runs[name]!;
    const by = {
      worker: 'w',
      holder: name,
      experiment: plan.id,
      leaseMs: 1000,
      versions: semanticVersions,
      precisions: ['float32'] as const,
    };
    await results.beginAttempt(key, by);
    if (name === 'done') {
      await results.completeRun(key, 1, { outputs: {}, inputs: [], environment: null });
    } else {
      const state = name === 'interrupted' ? 'interrupted' : 'failed';
      await results.endAttempt(key, 1, state, failure);
    }
    await keep(key, name === 'young' ? 1 : 8);
  }
  await results.markUnstarted([runs['retried']!], 'queued', null);
  const unknown = newKey();
  await keep(unknown, 8);
  writeFileSync(join(folder, 'a file of somebody else'), '');
  const before = readdirSync(folder).sort();
  const options = { graceMs: 7 * day, now };
  const parts = { folder, results };
  const found = { kept: 3, deleted: 3, deletedBytes: 15 };
  expect(await sweepLocalCheckpoints(parts, { ...options, dryRun: true })).toEqual(found);
  expect(readdirSync(folder).sort()).toEqual(before);
  expect(await sweepLocalCheckpoints(parts, { ...options, dryRun: false })).toEqual(found);
  const gone = [runs['failed']!, runs['done']!, unknown];
  const left = before.filter((name) => !gone.some((run) => name.startsWith(run)));
  expect(left).toHaveLength(4);
  expect(readdirSync(folder).sort()).toEqual(left);
});

test('gc counts them, and where there is no such folder there is nothing to do', async () => {
  const { code, stdout } = await isthmus(stackEnv(), 'gc', '--dry-run', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ copies: { deleted: 0, deletedBytes: 0 } });
});
