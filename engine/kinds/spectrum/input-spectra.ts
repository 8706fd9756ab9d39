/** Input-Hessian eigenvalues of every image at every t of a path, and of all images together if asked. */
import { relative } from '../../../experiment/records/quantity.js';
import type { Outputs, RunInput } from '../../../experiment/records/records.js';
import { row, rows, type SeriesRow } from '../../../experiment/records/rows.js';
import type { InputSpectrumSpec } from '../../../experiment/kinds/spectrum/input-spectrum.js';
import type { Pause } from '../../../numerics/evaluation/batched.js';
import { withoutVector } from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import { createInputHessian } from '../../../numerics/curvature/operators/input-hessian.js';
import { createJacobian } from '../../../numerics/curvature/operators/input-jacobian.js';
import {
  exactInputSpectrum,
  inputSpectrum,
  summariseSpectrum,
} from '../../../numerics/curvature/measures/input-spectrum.js';
import {
  meanHessianEigenvalue,
  meanHessianSteps,
} from '../../../numerics/curvature/measures/mean-input-hessian.js';
import { measurePublished } from '../../../numerics/curvature/measures/published-eigenvalue.js';
import { batchCount } from '../../../numerics/data/batches.js';
import type { ResidentData } from '../../../numerics/data/resident.js';
import type { Model } from '../../../numerics/models/model.js';
import type { ParameterTensors } from '../../../numerics/models/parameters.js';
import type { EngineContext } from '../../toolkit/context.js';
import { expansionMeans } from './expansion-columns.js';
import { encodeInputSpectra, type InputSpectrum } from './encode-input-spectra.js';
import { measurePath } from '../../toolkit/measure-path.js';

/** Images per batch of Jacobians: ten gradients of each are held at once. */
const batchSize = 128;

export async function inputSpectra(
  spec: InputSpectrumSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { done, selection } = await measurePath<InputSpectrum>(spec, inputs, context, {
    phase: 'Lanczos',
    makeInstrument: (model, images) => {
      const tools = makeTools(spec, context, model, images);
      const labels = images.labels.dataSync();
      return {
        batches: countBatches(spec),
        measure: (_t, weights, { pause }) => measure(spec, tools, labels, weights, pause),
        dispose: () => {
          for (const tool of Object.values(tools)) tool?.dispose();
        },
      };
    },
    rows: (t, found) => spectrumRows(spec, t, found),
  });
  const eigenvalues = await context.blobs.put(encodeInputSpectra(spec, done));
  return { eigenvalues, ...selection };
}

type Tools = ReturnType<typeof makeTools>;

function makeTools(
  { operator, meanHessian, published }: InputSpectrumSpec,
  { host }: EngineContext,
  model: Model,
  images: ResidentData,
) {
  const exact = operator === 'hessian' || meanHessian === true;
  return {
    jacobian: createJacobian(host, model, images, batchSize),
    hessian: exact ? createInputHessian(host, model, images, batchSize) : null,
    publishedHessian: published
      ? createInputHessian(host, model, images, published.batchSize)
      : null,
  };
}

async function measure(
  spec: InputSpectrumSpec,
  { jacobian, hessian, publishedHessian }: Tools,
  labels: ArrayLike<number>,
  weights: ParameterTensors,
  pause: Pause,
): Promise<InputSpectrum> {
  const { seed, published, gradients, prediction } = spec;
  const expansion =
    gradients || prediction ? { expansion: { labels, curvature: prediction !== undefined } } : {};
  const options = { ...spec, ...expansion };
  return {
    images:
      spec.operator === 'hessian'
        ? await exactInputSpectrum(hessian!, jacobian, weights, options, pause)
        : await inputSpectrum(jacobian, weights, options, pause),
    mean: spec.meanHessian
      ? withoutVector(await meanHessianEigenvalue(hessian!, weights, spec, pause))
      : null,
    published: published
      ? await measurePublished(publishedHessian!, weights, { ...published, seed }, pause)
      : null,
  };
}

/** At most. */
function countBatches(spec: InputSpectrumSpec): number {
  const { images, operator, maxSteps, meanHessian, published, prediction } = spec;
  const batches = batchCount(images, batchSize);
  const exact = operator === 'hessian' ? batches * (maxSteps + (prediction ? 1 : 0)) : 0;
  const mean = meanHessian ? batches * meanHessianSteps : 0;
  const whole = published ? Math.floor(images / published.batchSize) * published.maxSteps : 0;
  return batches + exact + mean + whole;
}

function spectrumRows(
  spec: InputSpectrumSpec,
  t: number,
  { images, mean, published }: InputSpectrum,
): readonly SeriesRow<'spectrum'>[] {
  const summary = summariseSpectrum(images);
  const place = { x: t, n: images.length };
  return [
    ...rows('spectrum', place, {
      eigenvalue_mean: summary.mean,
      eigenvalue_median: summary.median,
      eigenvalue_q90: summary.q90,
      eigenvalue_max: summary.max,
      lanczos_steps_max: summary.maxSteps,
      lanczos_residual_max: summary.maxResidual,
      lanczos_converged: summary.converged,
      closed_form_difference_max: summary.closedFormDifference,
      lanczos_settled: summary.settled,
      mean_hessian_eigenvalue: mean && mean.eigenvalue,
      mean_hessian_residual: mean && relative(mean.residual, mean.eigenvalue),
      published_eigenvalue: published && published.eigenvalue,
      published_steps: published && published.iterations,
    }),
    ...expansionMeans(spec, images).map(([series, found]) => row('spectrum', series, place, found)),
  ];
}
