// Transfer and ensembles take any attack: against predictions by plain tfjs operations on the images that the attack run keeps.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { executeRun } from '../../engine/kinds/index.js';
import { dataset, firstImages } from '../../engine/toolkit/data.js';
import type { CraftedAttack } from '../../experiment/attacks/crafted-attack.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import { modelFor } from '../../numerics/models/registry.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { memoryBlobs, memoryContext } from './memory-context.js';

const count = 120;
const ts = [0, 1] as const;
const blobs = memoryBlobs();
const network = { dataset: 'mnist', model: 'mlp' } as const;
const line = { path: 'line', family: 'bezier', t: ts } as const;
let ends: { start: Outputs; end: Outputs };

const attacks: Readonly<Record<string, CraftedAttack>> = {
  apgd: {
    ...{ method: 'apgd', norm: 'l2', epsilon: 1, steps: 8, loss: 'ce', restarts: 2, seed: 3 },
    checks: { queries: 0 },
  },
  square: { method: 'square', norm: 'linf', epsilon: 0.1, queries: 60, restarts: 1, seed: 3 },
  'PGD towards a class': {
    ...{ norm: 'linf', epsilon: 0.1, stepSize: 0.03, steps: 6, randomStart: true, seed: 3 },
    target: { rank: 1 },
  },
};

async function carryOut(spec: RunSpec) {
  const context = memoryContext(blobs);
  const inputs =
    spec.kind === 'endpoint'
      ? []
      : (['start', 'end'] as const).map((role) => ({ role, run: role, outputs: ends[role] }));
  const run = {
    key: 'x',
    name: 'x',
    queue: 'gpu',
    curve: null,
    summary: '',
    needs: [],
    spec,
  } as const;
  const outputs = await executeRun({ run, epoch: 1, inputs }, context);
  return { outputs, rows: context.rows };
}

beforeAll(async () => {
  const trained = (seed: number) =>
    carryOut({
      ...{ kind: 'endpoint', ...network, seed, adversarial: null },
      recipe: {
        ...{ steps: 150, batchSize: 100, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
      },
    });
  ends = { start: (await trained(1)).outputs, end: (await trained(2)).outputs };
}, 120_000);

const floats = async (outputs: Outputs, artifact: string, tensor: string) =>
  Array.from(
    decodeSafetensors(await blobs.get(outputs[artifact]!)).tensors.get(tensor)!
      .data as Float32Array,
  );

/** Softmax outputs [count, 10] of an endpoint on these pixels, and the error of a mean of such outputs. */
async function softmax(end: 'start' | 'end', pixels: readonly number[]): Promise<tf.Tensor2D> {
  const { shape } = (await dataset(memoryContext(blobs), 'mnist')).test;
  const model = modelFor('mlp', shape, 10);
  const { tensors } = decodeSafetensors(await blobs.get(ends[end]['weights']!));
  return tf.tidy(() => {
    const parameters = model.parameters.map(({ name, shape: own }) =>
      tf.tensor(tensors.get(name)!.data as Float32Array, [...own]),
    );
    const x = tf.tensor([...pixels], [count, ...shape]);
    return tf.softmax(model.apply(parameters, x)) as tf.Tensor2D;
  });
}

async function errorOf(outputs: readonly tf.Tensor2D[]): Promise<number> {
  const { labels } = firstImages((await dataset(memoryContext(blobs), 'mnist')).test, count);
  const predicted = tf.tidy(() => tf.argMax(tf.addN([...outputs]), 1).dataSync());
  return (100 * [...labels].filter((label, i) => label !== predicted[i]).length) / count;
}

const valueAt = (rows: readonly MetricRow[], series: string, x: number): number =>
  rows.find((row) => row.series === series && row.x === x)!.value;

describe.each(Object.entries(attacks))('%s', (_name, attack) => {
  let kept: Awaited<ReturnType<typeof carryOut>>;
  beforeAll(async () => {
    const place = { kind: 'attack', ...network, ...line, images: count } as const;
    kept = await carryOut({ ...attack, ...place, keepImages: true });
  }, 120_000);

  test('transfers with the errors that its kept images have on every network', async () => {
    const transfer = { kind: 'transfer', ...network, ...line, images: count, attack } as const;
    const { rows, outputs } = await carryOut(transfer);
    const predictions = await floats(outputs, 'transfer', 'prediction');
    for (const [i, crafted] of ts.entries()) {
      const pixels = await floats(kept.outputs, `adversarial@${crafted}`, 'adversarial');
      const series = `transfer_error@${crafted}`;
      for (const [j, end] of (['start', 'end'] as const).entries()) {
        const output = await softmax(end, pixels);
        expect(valueAt(rows, series, ts[j]!)).toBe(await errorOf([output]));
        const from = (2 * i + j) * count;
        expect(predictions.slice(from, from + count)).toEqual([
          ...tf.tidy(() => tf.argMax(output, 1).dataSync()),
        ]);
        output.dispose();
      }
      const own = valueAt(kept.rows, 'robust_error', crafted);
      expect(valueAt(rows, series, crafted)).toBe(own);
      expect(own).toBeGreaterThan(valueAt(kept.rows, 'clean_error', crafted));
    }
    expect(outputs['outcomes']).toEqual(kept.outputs['outcomes']);
  }, 120_000);

  test('attacks an ensemble, its members, and a member drawn at random', async () => {
    const { rows, outputs } = await carryOut({
      ...{ kind: 'ensemble', ...network, ...line, images: count, attack, randomMember: true },
    });
    for (const member of ts) {
      const pixels = await floats(kept.outputs, `adversarial@${member}`, 'adversarial');
      const both = [await softmax('start', pixels), await softmax('end', pixels)];
      expect(valueAt(rows, 'ensemble_transfer_error', member)).toBe(await errorOf(both));
      tf.dispose(both);
      const own = valueAt(kept.rows, 'robust_error', member);
      expect(valueAt(rows, 'member_robust_error', member)).toBe(own);
    }
    const at = (series: string) => valueAt(rows, series, 0);
    expect(at('ensemble_robust_error')).toBeGreaterThan(at('ensemble_error'));
    expect(at('drawn_member_robust_error')).toBeGreaterThan(at('drawn_member_error'));
    const misclassified = await floats(outputs, 'drawnOutcomes', 'misclassified');
    for (const fraction of misclassified) expect([0, 0.5, 1]).toContain(fraction);
    const mean = misclassified.reduce((sum, fraction) => sum + fraction, 0) / count;
    expect(at('drawn_member_robust_error')).toBeCloseTo(100 * mean, 4);
  }, 120_000);
});
