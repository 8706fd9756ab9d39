// Detection by distance on MNIST: what it reports against its own artifact, and identities that hold at every t.
import { beforeAll, describe, expect, test } from 'vitest';
import { executeRun } from '../../engine/kinds/index.js';
import type { DetectorSpec } from '../../experiment/config/detection/detector.js';
import type { DetectionSpec } from '../../experiment/kinds/detection.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { memoryBlobs, memoryContext } from './memory-context.js';

const [images, calibration] = [150, 400];
const ts = [0, 0.5, 1];
const blobs = memoryBlobs();
const network = { dataset: 'mnist', model: 'mlp' } as const;
const line = { path: 'line', family: 'bezier', t: ts } as const;
const epsilons = { none: 0, small: 0.05, large: 0.3 } as const;
type Source = keyof typeof epsilons;
let ends: { start: Outputs; end: Outputs };
let attacks: Readonly<Record<Source, Outputs>>;

async function carryOut(spec: RunSpec) {
  const context = memoryContext(blobs);
  const roles = spec.kind === 'endpoint' ? [] : (['start', 'end'] as const);
  const kept = spec.kind === 'detection' ? (Object.keys(epsilons) as Source[]) : [];
  const inputs = [
    ...roles.map((role) => ({ role, run: role, outputs: ends[role] })),
    ...kept.map((name) => ({ role: `attack:${name}` as const, run: name, outputs: attacks[name] })),
  ];
  const fields = { key: 'x', name: 'x', curve: null, summary: '', needs: [] } as const;
  const run = { ...fields, queue: 'gpu', spec } as const;
  const outputs = await executeRun({ run, epoch: 1, inputs }, context);
  return { outputs, rows: context.rows };
}

beforeAll(async () => {
  const recipe = { batchSize: 100, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 };
  const trained = async (seed: number) => {
    const spec = { kind: 'endpoint', ...network, seed, adversarial: null } as const;
    return (await carryOut({ ...spec, recipe: { ...recipe, steps: 200 } })).outputs;
  };
  ends = { start: await trained(1), end: await trained(2) };
  const attacked = async (epsilon: number) => {
    const pgd = { norm: 'linf', epsilon, stepSize: 0.05, steps: 8, randomStart: true } as const;
    const place = { kind: 'attack', ...network, ...line, images, seed: 3 } as const;
    return (await carryOut({ ...pgd, ...place, keepImages: true })).outputs;
  };
  attacks = {
    none: await attacked(epsilons.none),
    small: await attacked(epsilons.small),
    large: await attacked(epsilons.large),
  };
}, 240_000);

const norm = 'linf' as const;
const settings: Omit<DetectionSpec, 'detector' | 'space'> = {
  ...{ kind: 'detection', ...network, ...line, images, calibration, references: 600, seed: 1 },
  attacks: Object.keys(epsilons).map((name) => ({ name, norm })),
  backdoors: [{ name: 'square', trigger: 'square', target: 3 }],
};

const detectors: readonly [string, DetectorSpec, DetectionSpec['space']][] = [
  ['PCA in pixels', { estimator: 'pca', variance: 0.95 }, 'pixels'],
  ['LLE in the penultimate layer', { estimator: 'lle', k: 20, regulariser: 1e-3 }, 'penultimate'],
  ['mean distance in logits', { estimator: 'nearest', k: 10, norm: 'linf' }, 'logits'],
];

const endSuffixes: readonly string[] = ['.start', '.end'];

interface Found {
  readonly rows: readonly MetricRow[];
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** Whole rows of one t. */
function at(found: Found, tensor: string, i: number): Float32Array {
  const whole = found.tensors.get(tensor)!;
  return whole.slice((i * whole.length) / ts.length, ((i + 1) * whole.length) / ts.length);
}

const value = ({ rows }: Found, series: string, x: number): number =>
  rows.find((row) => row.series === series && row.x === x)!.value;

/** By its definition, pair by pair, of images that the network gets right without the attack. */
function area(found: Found, name: string, i: number, suffix = ''): number {
  const right = (values: Float32Array, flags: Float32Array) =>
    values.filter((_, j) => flags[j] === 1);
  const counts = at(found, `${name}.counts`, i);
  const chosen = at(found, 'correct', i).map((one, j) => one * counts[j]!);
  const positives = right(at(found, `${name}${suffix}`, i), chosen);
  const negatives = right(
    at(found, endSuffixes.includes(suffix) ? `calibration${suffix}` : 'calibration', i),
    at(found, 'calibration.correct', i),
  );
  let wins = 0;
  for (const a of positives) for (const b of negatives) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (positives.length * negatives.length);
}

describe.each(detectors)('%s', (_name, detector, space) => {
  let found: Found;
  beforeAll(async () => {
    const { rows, outputs } = await carryOut({ ...settings, detector, space });
    const { tensors } = decodeSafetensors(await blobs.get(outputs['distances']!));
    const floats = [...tensors].map(([name, { data }]) => [name, data as Float32Array] as const);
    found = { rows, tensors: new Map(floats) };
  }, 120_000);

  test('reports the areas of the distances that it stores', () => {
    for (const [i, t] of ts.entries()) {
      for (const name of [...Object.keys(epsilons), 'square']) {
        expect(value(found, `auroc:${name}`, t)).toBe(area(found, name, i));
        expect(value(found, `auroc_noise:${name}`, t)).toBe(area(found, name, i, '.noise'));
        const gain = value(found, `auroc_gain:${name}`, t);
        const both = value(found, `auroc:${name}`, t) - value(found, `auroc_noise:${name}`, t);
        expect(gain).toBeCloseTo(both, 12);
        const bounds = ['low', 'high'].map((end) => value(found, `auroc_${end}:${name}`, t));
        expect(bounds[0]).toBeLessThanOrEqual(value(found, `auroc:${name}`, t));
        expect(bounds[1]).toBeGreaterThanOrEqual(value(found, `auroc:${name}`, t));
      }
    }
  });

  test('an attack of radius 0 leaves distances and classes as they are', () => {
    for (const [i, t] of ts.entries()) {
      expect(at(found, 'none', i)).toEqual(at(found, 'clean', i));
      expect(at(found, 'none.noise', i)).toEqual(at(found, 'clean', i));
      expect(value(found, 'attacked_error:none', t)).toBe(0);
      expect(value(found, 'auroc_gain:none', t)).toBe(0);
    }
  });

  test('in pixels the manifold is the same at every t, in a space of the network it is not', () => {
    const same = ts.map((_, i) => `${String(at(found, 'clean', i))}`);
    expect(new Set(same).size).toBe(space === 'pixels' ? 1 : ts.length);
    for (const end of endSuffixes)
      expect(found.tensors.has(`large${end}`)).toBe(space !== 'pixels');
  });

  test('the manifold of an end, at that end, is the manifold there', () => {
    if (space === 'pixels') return;
    for (const [end, here, there] of [
      ['start', 0, 2],
      ['end', 2, 0],
    ] as const) {
      const series = `auroc_${end}:large`;
      expect(at(found, `large.${end}`, here)).toEqual(at(found, 'large', here));
      expect(value(found, series, ts[here]!)).toBe(value(found, 'auroc:large', ts[here]!));
      expect(value(found, series, ts[there]!)).toBe(area(found, 'large', there, `.${end}`));
      expect(at(found, `large.${end}`, there)).not.toEqual(at(found, 'large', there));
    }
  });

  test('images of the target class have no trigger, and do not count', () => {
    const labels = found.tensors.get('label')!;
    at(found, 'square.counts', 0).forEach((counts, i) =>
      expect(counts).toBe(labels[i] === 3 ? 0 : 1),
    );
  });
});

test('larger perturbations are further from the manifold of the pixels, and are detected more often', async () => {
  const { rows } = await carryOut({ ...settings, detector: detectors[0]![1], space: 'pixels' });
  const of = (series: string) => value({ rows, tensors: new Map() }, series, 0);
  expect(of('attacked_distance:small')).toBeGreaterThan(of('clean_distance'));
  expect(of('attacked_distance:large')).toBeGreaterThan(of('attacked_distance:small'));
  expect(of('auroc:large')).toBeGreaterThan(of('auroc:small'));
  expect(of('auroc:large')).toBeGreaterThan(0.95);
  expect(of('tpr_5:large')).toBeGreaterThanOrEqual(of('tpr_1:large'));
  expect(of('false_alarms_low')).toBeLessThanOrEqual(5);
  expect(of('false_alarms_high')).toBeGreaterThanOrEqual(5);
}, 120_000);

test('an attacker who knows the detector is harder to detect, and fools fewer networks', async () => {
  const adaptive = { epsilon: 0.2, stepSize: 0.05, steps: 8, randomStart: false };
  const { rows } = await carryOut({
    ...{ ...settings, detector: detectors[0]![1], space: 'pixels', t: [0], attacks: [] },
    adaptive: { ...adaptive, lambdas: [0, 1000] },
  });
  const of = (series: string) => value({ rows, tensors: new Map() }, series, 0);
  expect(of('auroc:adaptive-1000')).toBeLessThan(of('auroc:adaptive-0') - 0.2);
  expect(of('attacked_error:adaptive-1000')).toBeLessThan(of('attacked_error:adaptive-0'));
  expect(rows.some(({ series }) => series === 'auroc_noise:adaptive-0')).toBe(false);
}, 120_000);
