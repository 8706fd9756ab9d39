// Endpoints of sparse networks: what their runs store and report; density 1 is the dense run to the byte.
import { expect, test } from 'vitest';
import { executeRun } from '../../../engine/kinds/index.js';
import type { RunSpec } from '../../../experiment/kinds/index.js';
import type { Outputs } from '../../../experiment/records/records.js';
import type { RewiringSpec, SparsitySpec } from '../../../experiment/specs/training.js';
import { decodeSafetensors } from '../../../stores/formats/safetensors.js';
import { unpackSparse } from '../../../stores/formats/sparse-tensors.js';
import { memoryBlobs, memoryContext } from '../memory-context.js';

const blobs = memoryBlobs();
const recipe = {
  ...{ epochs: 3, batchSize: 2000, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  nesterov: true,
} as const;
const rewiring: RewiringSpec = {
  ...{ growth: 'momentum', redistribution: 'momentum', every: 'epoch' },
  removal: { from: 0.5, to: 0.005 },
};

async function trained(
  extra: { sparsity?: SparsitySpec; prune?: { fraction: number; granularity: 'weight' } },
  from?: Outputs,
) {
  const context = memoryContext(blobs);
  const spec: RunSpec = {
    ...{ kind: 'endpoint', dataset: 'mnist', model: 'lenet300', seed: 1, recipe },
    ...{ adversarial: null, ...extra },
  };
  const inputs = from ? [{ role: 'from' as const, run: 'from', outputs: from }] : [];
  const run = { key: 'x', name: 'x', queue: 'gpu', curve: null, summary: '', needs: [] } as const;
  const outputs = await executeRun({ run: { ...run, spec }, epoch: 1, inputs }, context);
  const { tensors } = unpackSparse(decodeSafetensors(await blobs.get(outputs['weights']!)));
  const zeros = (name: string) =>
    (tensors.get(name)!.data as Float32Array).reduce((sum, w) => sum + (w === 0 ? 1 : 0), 0);
  const values = (series: string) =>
    context.rows.filter((row) => row.series === series).map(({ x, value }) => [x, value]);
  return { outputs, values, zeros, bytes: outputs['weights']!.bytes };
}

test('a rewired endpoint reports densities and shares after every epoch but the last, and its last density', async () => {
  const { values, zeros } = await trained({
    sparsity: { density: 0.05, initial: 'uniform', rewiring },
  });
  expect(values('weight_density').map(([step]) => step)).toEqual([30, 60, 90]);
  for (const [, density] of values('weight_density'))
    expect(Math.abs(density! * 266_200 - 13_310)).toBeLessThanOrEqual(3);
  const [, last] = values('weight_density').at(-1)!;
  const active = 266_200 - zeros('fc1.weight') - zeros('fc2.weight') - zeros('fc3.weight');
  expect(last).toBeCloseTo(active / 266_200, 6);
  expect(values('parameter_density').at(-1)![1]).toBeCloseTo((active + 410) / 266_610, 6);
  const shares = ['fc1', 'fc2', 'fc3'].map((name) => values(`layer_share:${name}.weight`));
  expect(shares[0]!.map((_, i) => shares.reduce((sum, one) => sum + one[i]![1]!, 0))).toEqual(
    shares[0]!.map(() => expect.closeTo(1, 6) as number),
  );
  expect(values('share_correlation').map(([step]) => step)).toEqual([60]);
}, 120_000);

test('density 1 is the dense run to the byte; a fixed mask of density 0.5 is not', async () => {
  const dense = await trained({});
  const full = await trained({ sparsity: { density: 1, initial: 'uniform', rewiring } });
  expect(full.outputs).toEqual(dense.outputs);
  expect(full.values('weight_density')).toEqual([[90, 1]]);
  const fixed = await trained({ sparsity: { density: 0.5, initial: 'uniform' } });
  expect(fixed.zeros('fc1.weight')).toBe(117_600);
  const pruned = await trained({ prune: { fraction: 0.9, granularity: 'weight' } }, dense.outputs);
  const zeros = ['fc1', 'fc2', 'fc3'].map((name) => pruned.zeros(`${name}.weight`));
  expect(zeros.reduce((a, b) => a + b)).toBe(266_200 - 26_620);
  expect(pruned.bytes).toBeLessThan(0.14 * dense.bytes);
  // Read again where it is the start of another.
  const tuned = await trained({ prune: { fraction: 0.95, granularity: 'weight' } }, pruned.outputs);
  expect(tuned.values('weight_density')[0]![1]).toBeCloseTo(0.05, 6);
  // One threshold: the small last layer keeps more of its weights.
  expect(zeros[2]! / 1000).toBeLessThan(zeros[0]! / 235_200);
}, 120_000);
