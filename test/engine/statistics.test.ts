// Where a path's statistics of batch norm come from, with a small network and a store in memory.
import type * as tf from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { EngineContext } from '../../engine/toolkit/context.js';
import { firstImages, type Dataset } from '../../engine/toolkit/data.js';
import { alongPath, loadPath } from '../../engine/toolkit/path.js';
import { withStatistics } from '../../engine/toolkit/statistics.js';
import { saveWeights } from '../../engine/toolkit/weights.js';
import type { BatchNormSource } from '../../experiment/config/base.js';
import type { PathSpec } from '../../experiment/specs/path.js';
import type { Role } from '../../experiment/specs/role.js';
import { bonafideIndices } from '../../numerics/data/bonafide.js';
import { selectImages } from '../../numerics/data/select.js';
import { weightSpecs } from '../../numerics/models/model.js';
import { network } from '../../numerics/models/network.js';
import { stream } from '../../numerics/random.js';
import { expectNoLeaks, host, syntheticDigits, values } from '../numerics/engine.js';

expectNoLeaks();

const model = network({
  ...{ name: 'preresnet26', shape: [28, 28, 1], classes: 10 },
  layers: [
    {
      kind: 'convolution',
      name: 'conv',
      filters: 2,
      size: 3,
      stride: 2,
      bias: false,
      initial: 'fan-out-normal',
    },
    { kind: 'batch-norm', name: 'bn' },
    { kind: 'relu' },
    { kind: 'global-average-pool' },
    { kind: 'dense', name: 'fc', units: 'classes', initial: 'fan-in-uniform' },
  ],
});
const data: Dataset = { classes: 10, train: syntheticDigits(40), test: syntheticDigits(10) };

function memoryContext(): EngineContext {
  const blobs = new Map<string, Uint8Array>();
  const put = async (bytes: Uint8Array) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    blobs.set(digest, bytes);
    return { digest, bytes: bytes.length };
  };
  const get = async ({ digest }: { digest: string }) => blobs.get(digest)!;
  return { blobs: { put, get }, host, pause: async () => {} } as unknown as EngineContext;
}

/** An endpoint whose statistics are all the same number. */
async function endpoint(context: EngineContext, role: Role, seed: number, statistic: number) {
  const statistics = model.statistics!.map(
    (spec) => [spec.name, new Float32Array(2).fill(statistic)] as const,
  );
  const all = new Map([...model.initial(stream(seed, 'init', 0)), ...statistics]);
  const weights = await saveWeights(context, model, new Map([['', all]]), weightSpecs(model));
  return { role, run: role, outputs: { weights } };
}

/** Six of the ten test images, two more held out. */
const statisticsFrom = { seed: 1, pool: 9, images: 8, validation: 0.25 };

/** The statistics (two means, two variances) at every t of the straight line. */
async function along(
  batchNormSource: BatchNormSource | undefined,
  images = data,
  pass: Pick<PathSpec, 'statisticsImages' | 'statisticsAugmentation'> = {},
): Promise<number[][]> {
  const context = memoryContext();
  const inputs = [await endpoint(context, 'start', 1, 7), await endpoint(context, 'end', 2, 8)];
  const spec = {
    ...({ path: 'line', family: 'polychain', t: [0, 0.4, 0.6, 1] } as const),
    ...(batchNormSource === undefined ? {} : { batchNorm: batchNormSource }),
    statisticsFrom,
    ...pass,
  };
  const path = await loadPath(context, model, spec, inputs);
  const found: number[][] = [];
  await withStatistics(context, { model, spec, inputs, data: images }, (statisticsAt) =>
    alongPath(path, { model, ts: spec.t, statisticsAt }, async (_t, weights) => {
      expect(weights).toHaveLength(weightSpecs(model).length);
      found.push(weights.slice(model.parameters.length).flatMap((w: tf.Tensor) => values(w)));
    }),
  );
  return found;
}

test('none: those of the nearer end, as its training left them', async () => {
  expect(await along('none')).toEqual([7, 7, 8, 8].map((value) => Array<number>(4).fill(value)));
});

test('train: found anew at every t, never mixed from the ends', async () => {
  const found = await along('train');
  expect(await along('train')).toEqual(found);
  expect(new Set(found.map((v) => v[0])).size).toBe(4);
  for (const [, , ...variances] of found) {
    for (const variance of variances) {
      expect(variance).toBeGreaterThan(0);
      expect(variance).toBeLessThan(7);
    }
  }
});

test('bonafide: the same over the images of the set that are not held out', async () => {
  const { training } = bonafideIndices(statisticsFrom, data.test.count);
  expect(training).toHaveLength(6);
  const ofThese = await along('train', { ...data, train: selectImages(data.test, training) });
  expect(await along('bonafide')).toEqual(ofThese);
  expect(await along('train')).not.toEqual(ofThese);
});

test('estimated on the first images alone, and augmented, where the run says so', async () => {
  const first = { ...data, train: firstImages(data.train, 12) };
  expect(await along('train', data, { statisticsImages: 12 })).toEqual(await along('train', first));
  const statisticsAugmentation = { flip: true, padding: 4 };
  const augmented = await along('train', data, { statisticsAugmentation });
  expect(augmented).not.toEqual(await along('train'));
  expect(await along('train', data, { statisticsAugmentation })).toEqual(augmented);
});

test('a run that does not say where from is refused', async () => {
  await expect(along(undefined)).rejects.toThrow(
    'preresnet26 has batch norm, but the run does not',
  );
});
