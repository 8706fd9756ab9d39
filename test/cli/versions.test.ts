/** A fleet in which workers of two versions serve the same queues: each run is computed by the version it was planned under. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { semanticVersions, type Versions } from '../../experiment/kinds/index.js';
import type { ProductPrecision } from '../../experiment/plan/product-precision.js';
import { eventually } from '../eventually.js';
import { stackEnv } from '../stack.js';
import { isthmus, start } from './isthmus.js';
import { startTestWorker, type TestWorker } from './test-worker.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-versions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = () => ({ ...stackEnv(), NO_COLOR: '1' });
const run = (...args: readonly string[]) => isthmus(env(), ...args);

let workers: TestWorker[] = [];
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
});

/** Answers with the names of the runs that it computes. */
async function employ(
  versions: Versions,
  precisions: readonly ProductPrecision[] = ['float32'],
): Promise<readonly string[]> {
  const computed: string[] = [];
  workers.push(await startTestWorker(new Map(), computed, { versions, precisions }));
  return computed;
}

function study(name: string, from: number, runs: number, general = ''): string {
  const path = join(folder, `${name}.yaml`);
  const seeds = `{ int: [${from}, ${from + runs - 1}] }`;
  const endpoints = `  A: { sweep: { grid: { seed: ${seeds} } } }`;
  writeFileSync(
    path,
    `name: ${name}\ndataset: mnist\nmodel: cnn-small\n${general}endpoints:\n${endpoints}\n`,
  );
  return path;
}

async function runsOf(name: string): Promise<readonly { readonly epoch: number }[]> {
  const { stdout } = await run('status', name, '--json');
  return (JSON.parse(stdout) as { runs: { epoch: number }[] }).runs;
}

const version = semanticVersions.endpoint;
const waits = `waits for workers of version ${version}`;
const older = { ...semanticVersions, endpoint: version - 1 };
const unknown = { ...semanticVersions, endpoint: undefined };

describe('workers of an older version', () => {
  it('compute nothing of the plan, which says why it waits until newer ones take it', async () => {
    const wrong = await employ(older);
    const file = study('rolled', 9000, 2);
    const following = start(env(), 'run', file);
    await following.said(new RegExp(`seed=9000( and 1 more)?: ${waits}`));
    await eventually(async () => (await run('status', 'rolled')).stdout).toMatch(
      new RegExp(`seed=9000 +queued .*${waits}`),
    );
    expect((await run('plan', file)).stdout).toMatch(new RegExp(`queued .*${waits}`));
    await workers.pop()!.stop();
    const right = await employ(semanticVersions);
    expect((await following.ended).code).toBe(0);
    expect([wrong.length, right.length]).toEqual([0, 2]);
    for (const { epoch } of await runsOf('rolled')) expect(epoch).toBe(1);
  }, 180_000);
});

describe('workers of several versions', () => {
  it('share the queues, and only those of the right one compute', async () => {
    const wrong = await Promise.all([older, unknown].map((versions) => employ(versions)));
    const right = await employ(semanticVersions);
    expect((await run('run', study('shared', 9300, 8))).code).toBe(0);
    expect([...wrong, right].map(({ length }) => length)).toEqual([0, 0, 8]);
    for (const { epoch } of await runsOf('shared')) expect(epoch).toBe(1);
  }, 180_000);
});

describe('runs in tf32', () => {
  it('pass by workers without GPUs, and are computed by one with them', async () => {
    const without = await employ(semanticVersions);
    const file = study('tf32', 9600, 2, 'precision: tf32\n');
    const following = start(env(), 'run', file);
    await following.said(new RegExp(`${waits} with GPUs`));
    expect((await run('plan', file)).stdout).toMatch(/queued .*with GPUs/);
    const having = await employ(semanticVersions, ['float32', 'tf32']);
    expect((await following.ended).code).toBe(0);
    expect([without.length, having.length]).toEqual([0, 2]);
  }, 180_000);
});
