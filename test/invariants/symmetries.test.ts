// Permuted units, scaled ReLUs and gauges of implicit layers are the same network: no metric may tell them apart.
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAscents, type Ascents } from '../../numerics/attacks/convergence/measure-ascents.js';
import { linf } from '../../numerics/attacks/norms/linf.js';
import { inputEigenvalues } from '../../numerics/curvature/measures/input-eigenvalues.js';
import {
  createInputHessian,
  type InputHessian,
} from '../../numerics/curvature/operators/input-hessian.js';
import { auroc } from '../../numerics/detection/auroc.js';
import { buildDetector } from '../../numerics/detection/build-detector.js';
import { toTensors, type ParameterValues } from '../../numerics/models/parameters.js';
import { difference, expectNoLeaks, host } from '../numerics/engine.js';
import {
  count,
  createInstruments,
  methodsOf,
  modelOf,
  now,
  randomImages,
  randomValues,
  shape,
  type Instruments,
} from './small-networks.js';
import { symmetries, type Symmetry } from './symmetries.js';

const epsilon = 0.04;
/** Images whose features are the references; the others are scored. */
const references = 12;
const steps = 4;

const detectors = [
  { estimator: 'nearest', k: 3, norm: 'l2' },
  { estimator: 'pca', components: 2 },
] as const;

/** A float32 sum in another order: 1e-7 of each of some ten terms, through a solver and four steps of an attack. */
const rounding = 1e-4;

interface Metrics {
  readonly margins: readonly number[];
  readonly nll: readonly number[];
  readonly relativeFosc: readonly number[];
  readonly eigenvalues: readonly number[];
  /** By space and estimator. */
  readonly aurocs: readonly number[];
}

/** Largest difference of any metric, relative to the largest of its values. */
function apart(a: Metrics, b: Metrics): Readonly<Record<string, number>> {
  const names = Object.keys(a) as (keyof Metrics)[];
  return Object.fromEntries(
    names.map((name) => {
      const size = Math.max(1, ...a[name].map(Math.abs));
      return [name, difference(a[name], b[name]) / size];
    }),
  );
}

interface Tools {
  readonly instruments: Instruments;
  readonly ascents: Ascents;
  readonly hessian: InputHessian;
}

async function measure(
  { instruments, ascents, hessian }: Tools,
  values: ParameterValues,
  { keepsFeatures }: Symmetry,
): Promise<Metrics> {
  const { model, certifier } = instruments;
  const weights = toTensors(model.parameters, values);
  try {
    const margins = await certifier.certify(weights, epsilon, now);
    const found = (await ascents.measure(weights, now)).flat();
    const eigenvalues: number[] = [];
    const options = { largest: 1, smallest: 0, maxSteps: 16, tolerance: 1e-4, seed: 2 };
    await inputEigenvalues(
      hessian,
      weights,
      options,
      ({ largest }) => void eigenvalues.push(largest[0]!.eigenvalue),
      now,
    );
    return {
      ...{ margins: margins.flatMap((each) => [...each]), eigenvalues },
      nll: found.flatMap(({ nll }) => [...nll]),
      relativeFosc: found.flatMap(({ relativeFosc }) => [...relativeFosc]),
      aurocs: aurocsOf(
        instruments,
        weights,
        found.map(({ perturbation }) => perturbation),
        keepsFeatures,
      ),
    };
  } finally {
    tf.dispose(weights);
  }
}

/** Areas under the ROC curve of the attacked images against the others, by distance in logits and, where they are the same, in features. */
function aurocsOf(
  { model }: Instruments,
  weights: tf.Tensor[],
  perturbations: readonly Float32Array[],
  features: boolean,
): readonly number[] {
  const clean = Array.from(randomImages(1).pixels, (value) => value / 255);
  const size = clean.length / count;
  const attacked = clean.map((v, i) => v + perturbations[Math.floor(i / size)]![i % size]!);
  return tf.tidy(() => {
    const [own, moved] = [clean, attacked].map((pixels) => {
      const both = model.features!(weights, tf.tensor(pixels, [count, ...shape]));
      const flat = tf.reshape(both.features, [count, -1]);
      return [both.logits, ...(features ? [flat] : [])] as readonly tf.Tensor2D[];
    });
    return own!.flatMap((points, space) =>
      detectors.map((spec) => {
        const detector = buildDetector(spec, points.slice(0, references));
        const scores = [moved![space]!, points].map((all) =>
          detector.distances(all.slice(references)).dataSync<'float32'>(),
        );
        detector.dispose();
        return auroc({ positives: scores[0]!, negatives: scores[1]! }).area;
      }),
    );
  });
}

describe.each(symmetries)('$name, $architecture', (symmetry) => {
  let tools: Tools;
  beforeAll(() => {
    const { architecture } = symmetry;
    const methods = methodsOf(architecture);
    const instruments = createInstruments(modelOf(architecture), [], methods);
    const { model, data } = instruments;
    const ball = { norm: linf, epsilon, stepSize: epsilon / 3, steps };
    tools = {
      instruments,
      ascents: createAscents(host, model, { ...ball, starts: 1, seed: 3 }, data, count),
      hessian: createInputHessian(host, model, data, count),
    };
  });
  afterAll(() => {
    tools.ascents.dispose();
    tools.hessian.dispose();
    tools.instruments.dispose();
  });
  expectNoLeaks();

  test('changes no certificate, loss, FOSC, eigenvalue or AUROC; done by halves it changes them', async () => {
    const seen: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 999 }), async (seed) => {
        const { model } = tools.instruments;
        const values = randomValues(model, seed);
        const [as, moved, half] = [
          values,
          symmetry.apply(model, values, seed),
          symmetry.apply(model, values, seed, true),
        ];
        const own = await measure(tools, as, symmetry);
        const same = apart(own, await measure(tools, moved, symmetry));
        for (const [metric, by] of Object.entries(same)) {
          expect(by, metric).toBeLessThan(metric === 'aurocs' ? 0.01 : rounding);
        }
        for (const [metric, by] of Object.entries(apart(own, await measure(tools, half, symmetry))))
          seen[metric] = Math.max(seen[metric] ?? 0, by);
      }),
      { numRuns: 5, seed: 4 },
    );
    for (const [metric, most] of Object.entries(seen))
      expect(most, metric).toBeGreaterThan(10 * rounding);
  });
});
