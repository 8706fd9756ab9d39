// A user's own images through training, a curve, an attack and a spectrum, in this process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { executeRun } from '../../engine/kinds/index.js';
import { parseExperiment } from '../../experiment/file/document.js';
import { planExperiment } from '../../experiment/plan/plan.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { describeContents, storeContents } from '../../stores/datasets/own/own-store.js';
import { sha256 } from '../stores/results/plans.js';
import { contextOf } from './bodies.js';

/** Brightness tells the class; no side and no number of images is a multiple of four bytes. */
function images(count: number): LabelledImages {
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7) % 3);
  const size = 5 * 7;
  const pixels = Uint8Array.from({ length: count * size }, (_, p) => {
    const label = labels[Math.floor(p / size)]!;
    return 100 * label + ((p * 31) % 50);
  });
  return { count, shape: [5, 7, 1], labels, pixels };
}

const contents = { classes: 3, train: images(91), test: images(33) };
const dataset = describeContents('brightness', contents);
const plan = planExperiment(
  parseExperiment(
    JSON.stringify({
      ...{ name: 'own', dataset, model: 'mlp', evaluation: { points: 3 } },
      endpoints: {
        A: { seed: 1, epochs: 40, batchSize: 20, learningRate: 0.02 },
        B: { seed: 2, epochs: 40, batchSize: 20, learningRate: 0.02 },
      },
      curves: { 'A-B': { from: 'A', to: 'B', steps: 10, batchSize: 20 } },
      attacks: { pgd: { epsilon: 0.05, stepSize: 0.02, steps: 2, points: 2, images: 33 } },
      spectrum: { images: 33, points: 2 },
    }),
    'own.json',
  ),
  sha256,
);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-own-'));
});
afterAll(() => rm(dir, { recursive: true }));

test('a worker without them says so; with them, every run of an experiment is computed', async () => {
  const rows: MetricRow[] = [];
  const done = new Map<string, Outputs>();
  const execute = async (name: string): Promise<void> => {
    const run = plan.runs.find((one) => one.name === name)!;
    const inputs = run.needs.map((need) => ({ ...need, outputs: done.get(need.run)! }));
    const context = contextOf(rows, new AbortController().signal, dir);
    done.set(run.key, await executeRun({ run, epoch: 1, inputs }, context));
  };
  await expect(execute('endpoint/A')).rejects.toMatchObject({
    kind: 'bad-input',
    message: expect.stringContaining(`data set brightness (sha256 ${dataset.digest}) is not here`),
  });
  await storeContents(dataset, contents, dir);
  for (const { name, queue } of plan.runs) if (queue === 'gpu') await execute(name);
  const errors = rows.filter(({ series }) => series === 'test_error');
  expect(errors.length).toBeGreaterThan(0);
  // Three levels of brightness are told apart by any network that trains at all.
  const ends = errors.filter(({ x }) => x === 0 || x === 1);
  expect(Math.max(...ends.map(({ value }) => value))).toBeLessThan(5);
}, 180_000);
