// At t = 0 and 1 a path's networks are its ends: every metric there is that of the end measured alone.
import { beforeAll, describe, expect, test } from 'vitest';
import { executeRun } from '../../engine/kinds/index.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import type { PathSpec } from '../../experiment/specs/path.js';
import { memoryBlobs, memoryContext } from '../engine/memory-context.js';

const blobs = memoryBlobs();
const ts = [0, 1 / 64, 1];
const curve: PathSpec = { path: 'curve', family: 'bezier', t: ts };
const images = 125;
const ball = { norm: 'linf', epsilon: 0.05, stepSize: 0.02, seed: 3 } as const;

type Role = 'start' | 'end' | 'curve';
type Measurement = (place: PathSpec & { readonly model: 'mlp' | 'nemon' }) => RunSpec;

const dataset = 'mnist' as const;
const measurements: Readonly<Record<string, Measurement>> = {
  evaluation: (place) => ({ kind: 'evaluation', dataset, ...place, seed: 0, weightDecay: 5e-4 }),
  attack: (place) => ({
    ...{ kind: 'attack', dataset, ...place, images, ...ball, steps: 5, randomStart: true },
  }),
  convergence: (place) => ({
    ...{ kind: 'convergence', dataset, ...place, images, ...ball, shortSteps: 2, steps: 5 },
    starts: 2,
  }),
  certificate: (place) => ({
    ...{ kind: 'certificate', dataset, ...place, images, epsilons: [0.001, 0.01] },
    methods: ['relative', 'box'],
  }),
  detection: (place) => ({
    ...{ kind: 'detection', dataset, ...place, images, calibration: 150, references: 200 },
    ...{ seed: 1, attacks: [], backdoors: [{ name: 'square', trigger: 'square', target: 3 }] },
    ...{ detector: { estimator: 'nearest', k: 5, norm: 'l2' }, space: 'logits' },
  }),
};

async function carryOut(spec: RunSpec, inputs: Readonly<Partial<Record<Role, Outputs>>>) {
  const context = memoryContext(blobs);
  const given = Object.entries(inputs).map(([role, outputs]) => ({
    ...{ role: role as Role, run: role, outputs },
  }));
  const run = { key: 'x', name: 'x', queue: 'gpu', curve: null, summary: '', needs: [] } as const;
  const outputs = await executeRun({ run: { ...run, spec }, epoch: 1, inputs: given }, context);
  return { outputs, rows: context.rows };
}

/** Series of the place itself: neither of the way to it nor of the ends of the path. */
function placed(rows: readonly MetricRow[], x: number): readonly MetricRow[] {
  const own = rows.filter((row) => row.x === x && !/arc_length|_(start|end):/.test(row.series));
  return own.map((row) => ({ ...row, x: 0 }));
}

describe.each([
  ['mlp', Object.keys(measurements)],
  // Fifty steps of its solver for each pass: what differs is the certificate.
  ['nemon', ['certificate']],
] as const)('%s', (model, names) => {
  const sgd = { steps: 30, batchSize: 100, learningRate: 0.01, weightDecay: 0, momentum: 0.9 };
  const recipe = { ...sgd, learningRate: 0.001, optimiser: 'adam' } as const;
  let ends: { start: Outputs; end: Outputs };
  let bends: Outputs;
  beforeAll(async () => {
    const trained = async (seed: number) => {
      const spec = { kind: 'endpoint', dataset, model, seed, adversarial: null, recipe } as const;
      return (await carryOut(spec, {})).outputs;
    };
    ends = { start: await trained(1), end: await trained(2) };
    const fit = { kind: 'curve', dataset, model, seed: 3, family: 'bezier', bends: 1 } as const;
    bends = (await carryOut({ ...fit, recipe: sgd }, ends)).outputs;
  }, 120_000);

  test.each(names)(
    '%s at the ends is that of the ends, and not that beside them',
    async (name) => {
      const measurement = measurements[name]!;
      const along = await carryOut(measurement({ model, ...curve }), { ...ends, curve: bends });
      const alone = (outputs: Outputs) =>
        carryOut(measurement({ model, path: 'point', family: 'bezier', t: [0] }), {
          start: outputs,
        });
      const [start, end] = [await alone(ends.start), await alone(ends.end)];
      expect(placed(start.rows, 0).length).toBeGreaterThan(2);
      expect(placed(along.rows, 0)).toEqual(placed(start.rows, 0));
      expect(placed(along.rows, 1)).toEqual(placed(end.rows, 0));
      expect(placed(along.rows, 1 / 64)).not.toEqual(placed(start.rows, 0));
    },
    120_000,
  );
});
