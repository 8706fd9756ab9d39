// Implicit and ordinary networks trained, attacked and certified by the bodies of runs: no attack breaks what is certified.
import { beforeAll, describe, expect, test } from 'vitest';
import { checkCertificates, readCertifiedImages } from '../../activities/check-certificates.js';
import { readAttackedImages } from '../../activities/strongest-attack.js';
import { executeRun } from '../../engine/kinds/index.js';
import type { CertificateSpec } from '../../experiment/kinds/certificate.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { Outputs } from '../../experiment/records/records.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { memoryBlobs, memoryContext } from './memory-context.js';

const images = 125;
const blobs = memoryBlobs();
const epsilons = [0, 0.01, 0.02];

const certified = { epsilon: 0.02, kappa: 0.75, begin: 0.3, end: 0.6 };

describe.each([
  ['nemon', ['relative', 'box', 'lipschitz']],
  ['mlp', ['relative', 'box']],
] as const)('%s, trained for certificates', (model, methods) => {
  const path = { path: 'line', family: 'bezier', t: [0, 0.5, 1] } as const;
  const network = { dataset: 'mnist', model } as const;
  let ends: { start: Outputs; end: Outputs };

  async function carryOut(spec: RunSpec) {
    const context = memoryContext(blobs);
    const inputs =
      spec.kind === 'endpoint'
        ? []
        : (['start', 'end'] as const).map((role) => ({ role, run: role, outputs: ends[role] }));
    const run = { key: 'x', name: 'x', queue: 'gpu', curve: null, summary: '', needs: [] } as const;
    const outputs = await executeRun({ run: { ...run, spec }, epoch: 1, inputs }, context);
    return { outputs, rows: context.rows };
  }

  beforeAll(async () => {
    const trained = (seed: number, training: object) =>
      carryOut({
        ...{ kind: 'endpoint', ...network, seed, adversarial: null, ...training },
        recipe: {
          ...{ steps: 300, batchSize: 100, learningRate: 0.001, weightDecay: 0 },
          ...{ momentum: 0.9, optimiser: 'adam' },
        },
      });
    ends = {
      start: (await trained(1, { certified })).outputs,
      end: (await trained(2, {})).outputs,
    };
  }, 300_000);

  const certificate = (): CertificateSpec => ({
    ...{ kind: 'certificate', ...network, ...path, images, epsilons, methods },
  });

  test('certifies most images at the certified end, none wrongly, less at larger radii', async () => {
    const { rows, outputs } = await carryOut(certificate());
    const accuracy = (method: string, epsilon: number, x: number) =>
      rows.find((row) => row.series === `certified_accuracy:${method}:${epsilon}` && row.x === x)!
        .value;
    expect(accuracy('relative', 0.02, 0)).toBeGreaterThan(50);
    expect(accuracy('relative', 0.02, 0)).toBeGreaterThan(accuracy('relative', 0.02, 1) + 10);
    for (const x of path.t) {
      const along = epsilons.map((epsilon) => accuracy('relative', epsilon, x));
      along.slice(1).forEach((now, i) => expect(now).toBeLessThanOrEqual(along[i]!));
      for (const epsilon of epsilons) {
        methods.slice(1).forEach((method, i) => {
          const tighter = accuracy(methods[i]!, epsilon, x);
          expect(accuracy(method, epsilon, x)).toBeLessThanOrEqual(tighter);
        });
      }
    }
    const attack = { norm: 'linf', epsilon: 0.02, stepSize: 0.005, steps: 20 } as const;
    const attacked = await carryOut({
      ...{ kind: 'attack', ...network, ...path, ...attack, images, seed: 3, randomStart: true },
    });
    const stored = async (ref: Outputs[string] | undefined) =>
      decodeSafetensors(await blobs.get(ref!));
    const claims = readCertifiedImages(await stored(outputs['certificates']), 0.02);
    const outcomes = readAttackedImages(await stored(attacked.outputs['outcomes']));
    const claim = { certificate: 'mm', epsilon: 0.02, attacks: ['pgd'] };
    expect(checkCertificates(claim, claims, [['pgd', outcomes]])).toHaveLength(path.t.length);
    // The check itself is no idle one: PGD breaks some of the images that are not certified.
    const all = { ...claims, certified: claims.certified.map((each) => each.map(() => true)) };
    expect(() => checkCertificates(claim, all, [['pgd', outcomes]])).toThrow('attacks.pgd');
  }, 300_000);

  test.runIf(model === 'nemon')('says how the solver did, well-posed at every t', async () => {
    const { rows } = await carryOut({ ...certificate(), epsilons: [0], methods: ['box'] });
    const values = (name: string) =>
      rows.filter(({ series }) => series === name).map(({ value }) => value);
    expect(values('matrix_measure')).toHaveLength(3);
    for (const measure of values('matrix_measure')) expect(measure).toBeLessThan(1e-4);
    for (const steps of values('solver_iterations')) {
      expect(steps).toBeGreaterThan(1);
      expect(steps).toBeLessThan(50);
    }
  });
});
