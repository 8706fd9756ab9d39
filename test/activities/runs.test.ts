// The bodies of the runs in this process, with real MNIST and a real object store: what they leave in memory.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executeRun } from '../../activities/runs/index.js';
import type { EngineContext } from '../../activities/runs/context.js';
import { datasets } from '../../experiment/datasets.js';
import { parseExperimentWith } from '../../experiment/document.js';
import { planExperiment } from '../../experiment/plan.js';
import type { MetricRow, Outputs } from '../../experiment/records.js';
import { loadSettings } from '../../infra/settings.js';
import { datasetFolder } from '../../stores/dataset-files.js';
import { createBlobStore } from '../../stores/s3-blob-store.js';
import { startTensorFlow } from '../../worker/engine/tensorflow.js';
import { stackEnv } from '../stack.js';

const settings = loadSettings(stackEnv());
const tensorflow = await startTensorFlow('cpu');
const study = join(import.meta.dirname, '../end-to-end/study.yaml');

function planOf(...assignments: string[]) {
  const config = parseExperimentWith(readFileSync(study, 'utf8'), 'study.yaml', assignments);
  return planExperiment(config, (text) => createHash('sha256').update(text).digest('hex'));
}

function contextOf(
  rows: MetricRow[],
  signal: AbortSignal,
  dataDir = settings.dataDir,
): EngineContext {
  return {
    blobs: createBlobStore(settings.s3),
    host: tensorflow.host,
    dataDir,
    environment: {
      ...{ isthmus: '0', node: '0', tensorflow: '0', tfjs: '0', device: 'cpu', cpu: '0' },
      threads: 1,
    },
    signal,
    progress: () => undefined,
    metrics: (more) => void rows.push(...more),
    pause: () => (signal.aborted ? Promise.reject(new Error('stopped')) : Promise.resolve()),
  };
}

const small = [
  ...['A', 'B', 'C'].map((name) => `endpoints.${name}.batchSize=2048`),
  ...['A-B', 'A-C'].map((name) => `curves.${name}.batchSize=4096`),
  'evaluation.points=2',
];

/** Each step multiplies the weights by 1 - learningRate · weightDecay = -8. */
const explosive = ['endpoints.A.learningRate=9', 'endpoints.A.weightDecay=1'];

describe('the body of every kind of run', () => {
  test('leaves as many tensors as it found', async () => {
    const outputs = new Map<string, Outputs>();
    for (const run of planOf(...small).runs.filter(({ queue }) => queue === 'gpu')) {
      const rows: MetricRow[] = [];
      const before = tensorflow.countTensors();
      const inputs = run.needs.map((need) => ({ ...need, outputs: outputs.get(need.run)! }));
      const context = contextOf(rows, new AbortController().signal);
      outputs.set(run.key, await executeRun({ run, epoch: 1, inputs }, context));
      expect({ run: run.name, tensors: tensorflow.countTensors() }).toEqual({
        run: run.name,
        tensors: before,
      });
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.every(({ value }) => Number.isFinite(value))).toBe(true);
    }
  }, 180_000);

  test('finds the same eigenvalues on the Hessian itself as on J^T S J', async () => {
    const before = tensorflow.countTensors();
    const found: MetricRow[][] = [];
    const ends = new Map<string, Outputs>();
    for (const operator of ['gauss-newton', 'hessian']) {
      const plan = planOf(...small, `spectrum.operator=${operator}`);
      const spectrum = plan.runs.find(({ name }) => name === 'spectrum/A-B')!;
      const rows: MetricRow[] = [];
      const context = contextOf(rows, new AbortController().signal);
      for (const run of plan.runs.filter(({ key }) => spectrum.needs.some((n) => n.run === key))) {
        if (ends.has(run.key)) continue;
        const inputs = run.needs.map((need) => ({ ...need, outputs: ends.get(need.run)! }));
        ends.set(run.key, await executeRun({ run, epoch: 1, inputs }, context));
      }
      const inputs = spectrum.needs.map((need) => ({ ...need, outputs: ends.get(need.run)! }));
      await executeRun({ run: spectrum, epoch: 1, inputs }, context);
      found.push(rows.filter(({ series }) => series === 'eigenvalue_mean'));
    }
    const [factored, exact] = found as [MetricRow[], MetricRow[]];
    expect(factored).toHaveLength(3);
    factored.forEach(({ value }, i) => expect(exact[i]!.value / value).toBeCloseTo(1, 4));
    expect(tensorflow.countTensors()).toBe(before);
  }, 180_000);

  test('leaves none either when it is stopped on the way, or diverges', async () => {
    const [endpoint] = planOf(...small, ...explosive).runs;
    const before = tensorflow.countTensors();
    const stopped = AbortSignal.abort();
    const job = { run: endpoint!, epoch: 1, inputs: [] };
    await expect(executeRun(job, contextOf([], stopped))).rejects.toThrow('stopped');
    expect(tensorflow.countTensors()).toBe(before);
    const rows: MetricRow[] = [];
    const running = new AbortController().signal;
    await expect(executeRun(job, contextOf(rows, running))).rejects.toThrow(/^the loss became NaN/);
    expect(tensorflow.countTensors()).toBe(before);
    expect(rows.some(({ value }) => !Number.isFinite(value))).toBe(true);
  });

  test('refuses a data set whose files are not the official ones, and takes it once they are', async () => {
    const [endpoint] = planOf(...small).runs;
    const official = datasetFolder(datasets.mnist, settings.dataDir);
    const folder = await mkdtemp(join(tmpdir(), 'isthmus-mnist-'));
    try {
      await cp(official, folder, { recursive: true });
      await truncate(join(folder, 't10k-labels-idx1-ubyte'), 10_000);
      const context = contextOf([], AbortSignal.abort(), folder);
      const job = { run: endpoint!, epoch: 1, inputs: [] };
      await expect(executeRun(job, context)).rejects.toThrow(
        /t10k-labels-idx1-ubyte has 10000 bytes/,
      );
      await cp(official, folder, { recursive: true, force: true });
      await expect(executeRun(job, context)).rejects.toThrow('stopped');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
