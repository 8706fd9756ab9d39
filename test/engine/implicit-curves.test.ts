// Curves between implicit networks by the bodies of runs: both ways to mix, fitted for certificates, and their ends.
import { beforeAll, describe, expect, test } from 'vitest';
import { storedWeights } from '../../cli/networks/stored-network.js';
import { executeRun } from '../../engine/kinds/index.js';
import type { ImplicitMixing } from '../../experiment/catalogue/models/implicit-sites.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import type { RunRow } from '../../stores/results/results-store.js';
import { memoryBlobs, memoryContext } from './memory-context.js';

const blobs = memoryBlobs();
const network = { dataset: 'mnist', model: 'nemon' } as const;
const adam = {
  ...{ steps: 150, batchSize: 100, learningRate: 0.001, weightDecay: 0 },
  ...{ momentum: 0.9, optimiser: 'adam' as const },
};
const certified = { epsilon: 0.02, kappa: 0.75, begin: 0.3, end: 0.6 };

type Inputs = Readonly<Record<string, Outputs>>;

async function carryOut(spec: RunSpec, given: Inputs = {}) {
  const context = memoryContext(blobs);
  const inputs = Object.entries(given).map(([role, outputs]) => ({
    ...{ role: role as 'start' | 'end' | 'curve', run: role, outputs },
  }));
  const run = { key: 'x', name: 'x', queue: 'gpu', curve: null, summary: '', needs: [] } as const;
  const outputs = await executeRun({ run: { ...run, spec }, epoch: 1, inputs }, context);
  return { outputs, rows: context.rows };
}

let ends: { start: Outputs; end: Outputs };

beforeAll(async () => {
  const trained = async (seed: number, training: object) => {
    const spec = { kind: 'endpoint', ...network, seed, adversarial: null, recipe: adam } as const;
    return (await carryOut({ ...spec, ...training })).outputs;
  };
  ends = { start: await trained(1, { certified }), end: await trained(2, { certified }) };
}, 300_000);

const fit = (implicit: ImplicitMixing, steps: number, more: object = {}): RunSpec => ({
  ...{ kind: 'curve', ...network, seed: 3, family: 'bezier', bends: 1, implicit, ...more },
  recipe: { ...{ steps, batchSize: 100, learningRate: 0.01, momentum: 0.9 }, weightDecay: 0 },
});

const certificate = (implicit: ImplicitMixing, path: 'curve' | 'line'): RunSpec => ({
  ...{ kind: 'certificate', ...network, path, family: 'bezier', t: [0, 0.5, 1], implicit },
  ...{ images: 200, epsilons: [0, 0.02], methods: ['relative'] },
});

function valueAt(rows: readonly MetricRow[], series: string, x: number): number {
  return rows.find((row) => row.series === series && row.x === x)!.value;
}

describe.each(['parameters', 'coupling'] as const)('mixed by their %s', (implicit) => {
  test('a fitted curve is well-posed, and its ends are the endpoints', async () => {
    const curve = (await carryOut(fit(implicit, 20), ends)).outputs;
    const { rows } = await carryOut(certificate(implicit, 'curve'), { ...ends, curve });
    const alone = await Promise.all(
      [ends.start, ends.end].map((start) =>
        carryOut({ ...certificate(implicit, 'line'), path: 'point', t: [0] } as RunSpec, { start }),
      ),
    );
    for (const x of [0, 0.5, 1]) {
      expect(valueAt(rows, 'matrix_measure', x)).toBeLessThan(1e-4);
    }
    [0, 1].forEach((x, i) => {
      for (const epsilon of [0, 0.02]) {
        const margin = `certified_margin:relative:${epsilon}`;
        expect(valueAt(rows, margin, x)).toBeCloseTo(valueAt(alone[i]!.rows, margin, 0), 3);
      }
    });
  }, 300_000);

  test('the network at one t is the same, taken by a run and read from what is stored', async () => {
    const spec = fit(implicit, 5);
    const curve = (await carryOut(spec, ends)).outputs;
    const taken = await carryOut(
      {
        ...{ kind: 'curve-point', ...network, seed: 0, path: 'curve', family: 'bezier' },
        ...{ t: [0.3], implicit },
      },
      { ...ends, curve },
    );
    const { tensors } = decodeSafetensors(await blobs.get(taken.outputs['weights']!));
    const needs = (['start', 'end'] as const).map((role) => ({ role, run: role }));
    const rows = [
      ...needs.map(({ run }) => ({ run: { key: run }, outputs: ends[run] })),
      { run: { key: 'c', name: 'curve/A-B', spec, needs }, outputs: curve },
    ] as unknown as readonly RunRow[];
    const read = await storedWeights({ blobs, rows, id: 'x' }, rows[2]!, { t: 0.3 });
    expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, values] of read) expect(tensors.get(name)!.data).toEqual(values);
  }, 300_000);

  test('fitted for certificates it certifies more in the middle than fitted to the images', async () => {
    const between = async (more: object) => {
      const curve = (await carryOut(fit(implicit, 100, more), ends)).outputs;
      const { rows } = await carryOut(certificate(implicit, 'curve'), { ...ends, curve });
      return valueAt(rows, 'certified_margin:relative:0.02', 0.5);
    };
    const full = { ...certified, begin: 0, end: 0.1 };
    expect(await between({ certified: full })).toBeGreaterThan(await between({}));
  }, 300_000);
});

test('the two ways are two networks between the ends', async () => {
  const [own, coupling] = await Promise.all(
    (['parameters', 'coupling'] as const).map((implicit) =>
      carryOut(certificate(implicit, 'line'), ends),
    ),
  );
  const margin = 'certified_margin:relative:0';
  expect(valueAt(own!.rows, margin, 0.5)).not.toBe(valueAt(coupling!.rows, margin, 0.5));
}, 300_000);
