// The bodies of the runs in this process, with real MNIST and a real object store: what they leave in memory.
import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executeRun } from '../../engine/kinds/index.js';
import { datasets } from '../../experiment/catalogue/datasets.js';
import type { MetricRow } from '../../experiment/records/records.js';
import { locateDataset } from '../../stores/datasets/dataset-files.js';
import { stops } from '../../numerics/curvature/algorithms/lanczos.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { contextOf, done, measured, planOf, settings, small, tensorflow } from './bodies.js';

/** Measurements that are off unless they are asked for. */
const everyMeasurement = [
  'attacks.pgd-5.restarts=2',
  'spectrum={ images: 200, points: 2, operator: hessian, top: 2, meanHessian: true, compat: published, gradients: true, prediction: { epsilon: 0.1 } }',
  'transfer={ attack: pgd-5, points: 3, images: 200 }',
  'ensemble={ members: [0, 1], attack: pgd-5, images: 200, randomMember: true }',
  'convergence={ attack: pgd-5, points: 3, images: 200, starts: 2, steps: 8 }',
  'twoLayer={ networks: 2, starts: 2, steps: 5 }',
  'weightSpectrum={ images: 200, points: 2, top: 2, tolerance: 0.01, trace: { probes: 2 }, density: { probes: 1, steps: 4 } }',
];

const selectedImages = [
  'evaluation.points=3',
  'bonafide={}',
  'backdoors={ all: { target: all } }',
  'endpoints.B={ seed: 2, backdoor: all, steps: 20 }',
  'curves.A-C={ from: A, to: C, bonafide: 300, steps: 5, ends: free }',
];

/** Each step multiplies the weights by 1 - learningRate · weightDecay = -8. */
const explosive = ['endpoints.A.learningRate=9', 'endpoints.A.weightDecay=1'];

describe('the body of every kind of run', () => {
  test('leaves as many tensors as it found, also when it is stopped on the way', async () => {
    const { runs } = planOf(...small, ...everyMeasurement, ...selectedImages);
    for (const run of runs.filter(({ queue }) => queue === 'gpu')) {
      const rows: MetricRow[] = [];
      const before = tensorflow.countTensors();
      const inputs = run.needs.map((need) => ({ ...need, outputs: done.get(need.run)! }));
      const context = contextOf(rows, new AbortController().signal);
      done.set(run.key, await executeRun({ run, epoch: 1, inputs }, context));
      expect({ run: run.name, tensors: tensorflow.countTensors() }).toEqual({
        run: run.name,
        tensors: before,
      });
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.every(({ value }) => Number.isFinite(value))).toBe(true);
      if (run.spec.kind !== 'attack' && run.spec.kind !== 'spectrum') continue;
      const stopped = contextOf([], AbortSignal.abort());
      await expect(executeRun({ run, epoch: 1, inputs }, stopped)).rejects.toThrow('stopped');
      expect({ run: run.name, tensors: tensorflow.countTensors() }).toEqual({
        run: run.name,
        tensors: before,
      });
    }
  }, 600_000);

  test('transfers with a diagonal that is the attack itself, and the matrix of its artifact', async () => {
    const { rows: attacked } = await measured('attack/A-B/pgd-5', everyMeasurement);
    const { rows, outputs } = await measured('transfer/A-B', everyMeasurement);
    const blob = await contextOf([], new AbortController().signal).blobs.get(outputs['transfer']!);
    const matrix = decodeSafetensors(blob).tensors.get('transfer_error')!;
    expect(matrix.shape).toEqual([3, 3]);
    for (const [i, t] of [0, 0.5, 1].entries()) {
      const row = rows.filter(({ series }) => series === `transfer_error@${t}`);
      expect(row.map(({ x }) => x)).toEqual([0, 0.5, 1]);
      expect(row.map(({ value }) => value)).toEqual([...matrix.data.slice(3 * i, 3 * i + 3)]);
      const itself = attacked.find(({ series, x }) => series === 'robust_error' && x === t)!;
      expect(row[i]!.value).toBe(itself.value);
      const nll = rows.find(({ series, x }) => series === `transfer_nll@${t}` && x === t)!;
      const itsNll = attacked.find(({ series, x }) => series === 'robust_nll' && x === t)!;
      expect(nll.value).toBeCloseTo(itsNll.value, 5);
    }
  }, 180_000);

  test('measures ensembles whose members are the networks on the path', async () => {
    const { rows: attacked } = await measured('attack/A-B/pgd-5', everyMeasurement);
    const { rows } = await measured('ensemble/A-B', everyMeasurement);
    const value = (series: string, x = 0) =>
      rows.find((row) => row.series === series && row.x === x)!.value;
    for (const t of [0, 1]) {
      const own = (series: string) => attacked.find((r) => r.series === series && r.x === t)!.value;
      expect(value('member_error', t)).toBe(own('clean_error'));
      expect(value('member_robust_error', t)).toBe(own('robust_error'));
      expect(value('member_nll', t)).toBeCloseTo(own('clean_nll'), 5);
    }
    // Convexity of -log: the mean output is never worse than the members are on average.
    expect(value('ensemble_nll')).toBeLessThan(
      (value('member_nll', 0) + value('member_nll', 1)) / 2,
    );
    expect(value('ensemble_robust_nll')).toBeGreaterThan(value('ensemble_nll'));
    expect(value('ensemble_transfer_nll', 1)).toBeGreaterThan(value('ensemble_nll'));
    expect(value('ensemble_disagreement')).toBeGreaterThan(0);
    for (const score of ['error', 'nll']) {
      const mean = (value(`member_${score}`, 0) + value(`member_${score}`, 1)) / 2;
      expect(value(`drawn_member_${score}`)).toBeCloseTo(mean, 5);
      expect(value(`drawn_member_robust_${score}`)).toBeGreaterThan(mean);
    }
  }, 180_000);

  test('attacks of radius 0 leave exactly the clean figures, whatever the method and the norm', async () => {
    const shared = 'epsilon: 0, images: 100, points: 2';
    const attacks = ['linf', 'l2', 'l1'].flatMap((norm) => [
      `pgd-${norm}: { ${shared}, norm: ${norm}, stepSize: 0.1, steps: 2 }`,
      ...['apgd', 'fab', 'square', 'autoattack'].map(
        (method) => `${method}-${norm}: { method: ${method}, ${shared}, norm: ${norm} }`,
      ),
    ]);
    for (const attack of attacks) {
      const name = `attack/A-B/${attack.split(':')[0]!}`;
      const { rows } = await measured(name, [`attacks={ ${attack} }`]);
      const at = (series: string) =>
        rows.flatMap((row) => (row.series === series ? [row.value] : []));
      expect(at('clean_nll')).toHaveLength(2);
      expect(at('robust_nll')).toEqual(at('clean_nll'));
      expect(at('robust_error')).toEqual(at('clean_error'));
      expect(rows.every(({ value }) => Number.isFinite(value))).toBe(true);
    }
  }, 600_000);

  test('stores the weight spectrum so that it describes itself, and what it found is consistent', async () => {
    const { rows, outputs } = await measured('weight-spectrum/A-B', everyMeasurement);
    const blob = await contextOf([], new AbortController().signal).blobs.get(
      outputs['eigenvalues']!,
    );
    const { tensors, metadata } = decodeSafetensors(blob);
    expect(metadata).toMatchObject({
      ...{ variable: 'weights', reduction: 'mean', split: 'train', images: '200' },
      ...{ batch_size: '128', t: '[0,1]', stop: 'converged, exhausted, step-limit' },
    });
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({
      ...{ largest: [2, 2], largest_residual: [2, 2], smallest: [2, 2], smallest_residual: [2, 2] },
      ...{ largest_settled: [2, 2], smallest_settled: [2, 2], stop: [2, 1] },
      ...{ iterations: [2, 1], trace: [2, 1], trace_standard_error: [2, 1] },
      ...{ density_nodes: [2, 4], density_weights: [2, 4], density_width: [2, 1] },
      ...{ density_places: [2, 512], density: [2, 512] },
    });
    const value = (series: string, t: number) =>
      rows.find((row) => row.series === series && row.x === t)!.value;
    for (const [i, t] of [0, 1].entries()) {
      const at = (name: string) => tensors.get(name)!.data.slice(2 * i, 2 * i + 2);
      const [largest, smallest] = [at('largest'), at('smallest')];
      expect(value('weight_eigenvalue_max', t)).toBe(largest[0]);
      expect(value('weight_eigenvalue_min', t)).toBe(smallest[0]);
      expect(largest[0]).toBeGreaterThan(largest[1] as number);
      expect(smallest[0]).toBeLessThan(smallest[1] as number);
      expect(value('weight_converged', t)).toBe(1);
      // Of two at each end the outermost: copies of these may be missing before the others.
      expect(value('weight_settled', t)).toBe(0.5);
      expect(value('weight_eigenvalue_min_error', t)).toBe(
        tensors.get('smallest_residual')!.data[2 * i],
      );
      expect(['converged', 'step-limit']).toContain(stops[Number(tensors.get('stop')!.data[i])]);
      expect(value('weight_residual_max', t)).toBeLessThan(0.01);
      const sum = tensors.get('density_weights')!.data.slice(4 * i, 4 * i + 4);
      expect([...sum].reduce((a, b) => Number(a) + Number(b), 0)).toBeCloseTo(1, 10);
    }
  }, 180_000);

  test('finds the same eigenvalues on the Hessian itself as on J^T S J', async () => {
    const before = tensorflow.countTensors();
    const factored = await measured('spectrum/A-B', ['spectrum.operator=gauss-newton']);
    const exact = await measured('spectrum/A-B', ['spectrum.operator=hessian']);
    const means = [factored, exact].map(({ rows }) =>
      rows.filter(({ series }) => series === 'eigenvalue_mean'),
    );
    expect(means[0]).toHaveLength(3);
    means[0]!.forEach(({ value }, i) => expect(means[1]![i]!.value / value).toBeCloseTo(1, 4));
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
    const official = locateDataset(datasets.mnist, settings.dataDir).folder;
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
