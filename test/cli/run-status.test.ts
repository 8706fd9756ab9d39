/** Every run's state and why it is in it, on the real servers: in `status`, `plan` and `resume --plan`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { parseExperimentWith } from '../../experiment/file/document.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';
import { runKey } from '../../experiment/plan/keys.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import { createScratchDatabase } from '../../prisma/scratch-database.js';
import { loadSettings } from '../../settings/settings.js';
import { deployMigrations } from '../../stores/database/migrations.js';
import { createResultsStore } from '../../stores/results/prisma-results-store.js';
import { eventually } from '../eventually.js';
import { createNamespace } from '../namespace.js';
import { stackEnv } from '../stack.js';
import { sha256 } from '../stores/results/plans.js';
import { createDesk } from './desk.js';
import { isthmus } from './isthmus.js';
import { untilStopped } from './test-worker.js';

const { folder, script, run, computed } = createDesk();

/** Seeds of its own make its runs no other test's. */
function study(name: string, seed: number, epochs = 2): string {
  const path = join(folder, `${name}.yaml`);
  const text = `
name: ${name}
dataset: mnist
model: mlp
endpoints:
  A: { seed: ${seed}, epochs: ${epochs} }
  B: { seed: ${seed + 1} }
curves: { A-B: { from: A, to: B } }
evaluation: { points: 3, straightLine: false }
`;
  writeFileSync(path, text);
  return path;
}

interface Told {
  readonly state: string;
  readonly why: string;
}

async function told(...args: readonly string[]): Promise<Readonly<Record<string, Told>>> {
  const { stdout } = await run(...args, '--json');
  const { runs } = JSON.parse(stdout) as { runs: (Told & { name: string })[] };
  return Object.fromEntries(runs.map(({ name, state, why }) => [name, { state, why }]));
}

/** The experiment as an older version of Isthmus computed it. */
async function storeAsOlder(file: string): Promise<Plan> {
  const plan = planExperiment(parseExperimentWith(readFileSync(file, 'utf8'), file, []), sha256);
  const older = new Map<RunKey, PlannedRun>();
  for (const run of plan.runs) {
    const needs = run.needs.map((need) => ({ ...need, run: older.get(need.run)!.key }));
    const version = semanticVersions[run.spec.kind] - 1;
    older.set(run.key, { ...run, needs, key: runKey(run.spec, needs, version, sha256) });
  }
  const runs = [...older.values()];
  const { databaseUrl } = loadSettings(stackEnv());
  const store = createResultsStore(databaseUrl);
  await store.registerExperiment({ ...plan, runs });
  const by = {
    worker: 'older',
    holder: 'older',
    experiment: plan.id,
    leaseMs: 1000,
    versions: semanticVersions,
    precisions: ['float32'] as const,
  };
  for (const { key } of runs) {
    await store.beginAttempt(key, by);
    await store.completeRun(key, 1, { outputs: {}, inputs: [], environment: null });
  }
  await store.setExperimentState(plan.id, 'done');
  await store.close();
  await sql(databaseUrl, runs);
  return plan;
}

async function sql(databaseUrl: string, runs: readonly PlannedRun[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const keys = runs.map(({ key }) => key);
  await client.query('UPDATE run SET version = version - 1 WHERE key = ANY($1)', [keys]);
  await client.end();
}

describe('results of another semantic version', () => {
  const name = 'aged';
  const version = (kind: keyof typeof semanticVersions): string =>
    `semantic version ${semanticVersions[kind] - 1}, now ${semanticVersions[kind]}`;

  it('are stale in status, plan and resume --plan, with the reason', async () => {
    const { runs } = await storeAsOlder(study(name, 11_000));
    const expected = {
      'endpoint/A': { state: 'stale', why: version('endpoint') },
      'curve/A-B': {
        state: 'stale',
        why: `${version('curve')}; needs endpoint/A, endpoint/B, which are stale`,
      },
    };
    for (const args of [
      ['status', name],
      ['plan', study(name, 11_000)],
      ['resume', name, '--plan'],
    ]) {
      expect(await told(...args)).toMatchObject(expected);
    }
    const { stdout, stderr } = await run('status', name);
    expect(stdout).toContain(`\n${runs.length} stale`);
    expect(stderr).toContain('./isthmus run FILE computes them anew');
  });

  it('are computed anew by run, and then are stale no more', async () => {
    expect((await run('run', study(name, 11_000))).code).toBe(0);
    expect(computed).toHaveLength(4);
    const states = Object.values(await told('status', name)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['done']));
  });
});

describe('a file that was edited', () => {
  it('makes stale what the change concerns; the rest is cached, by the experiment that made it', async () => {
    expect((await run('run', study('edited', 12_000))).code).toBe(0);
    const { id } = JSON.parse((await run('status', 'edited', '--json')).stdout) as { id: string };
    expect(await told('plan', study('edited', 12_000, 3))).toEqual({
      'endpoint/A': { state: 'stale', why: 'spec: epochs 2 → 3' },
      'endpoint/B': { state: 'cached', why: `by ${id}` },
      'curve/A-B': { state: 'stale', why: 'needs endpoint/A, which is stale' },
      'evaluation/A-B': { state: 'stale', why: 'needs endpoint/A, curve/A-B, which are stale' },
      'summary/A-B': { state: 'stale', why: 'needs evaluation/A-B, which is stale' },
    });
    const { stdout } = await run('plan', study('edited', 12_000, 3));
    expect(stdout).toMatch(/^5 runs: 1 cached, 4 stale$/m);
    expect(stdout).toMatch(/^time on one engine: about \d/m);
  });
});

describe('an experiment in progress', () => {
  it('says of each run how far it is or what it waits for, and how much is left', async () => {
    script.set('endpoint/A', untilStopped);
    await run('run', study('told', 13_000), '--no-wait');
    await eventually(async () => (await told('status', 'told'))['endpoint/A']).toEqual({
      ...{ state: 'running', why: '75 %' },
    });
    await eventually(() => told('status', 'told')).toMatchObject({
      'endpoint/B': { state: 'done', why: '' },
      'curve/A-B': { state: 'queued', why: 'waits for endpoint/A' },
      'summary/A-B': { state: 'queued', why: 'waits for evaluation/A-B' },
    });
    const { stdout } = await run('status', 'told');
    expect(stdout).toMatch(/^1 done, 1 running, 3 queued\n35 % of the runs; time left: /m);
    await run('cancel', 'told');
    expect((await told('resume', 'told', '--plan'))['endpoint/A']).toMatchObject({
      state: 'cancelled',
    });
  });

  it('says that no worker polls, where none does', async () => {
    const { temporal, databaseUrl } = loadSettings(stackEnv());
    const connection = await Connection.connect({ address: temporal.address });
    await createNamespace(connection, 'without-workers');
    await connection.close();
    // A database of its own: in the shared one, the workers of other tests hold leases.
    const scratch = await createScratchDatabase(databaseUrl);
    try {
      await deployMigrations(scratch.url);
      const alone = {
        ...stackEnv(),
        ...{ TEMPORAL_NAMESPACE: 'without-workers', DATABASE_URL: scratch.url },
      };
      const file = study('alone', 14_000);
      expect((await isthmus(alone, 'run', file, '--no-wait')).code).toBe(0);
      const { stdout } = await isthmus(alone, 'status', 'alone');
      expect(stdout).toMatch(/^endpoint\/A +queued +no worker polls isthmus-gpu$/m);
    } finally {
      await scratch.drop();
    }
  });
});
