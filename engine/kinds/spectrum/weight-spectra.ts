/** Both ends of the weight Hessian at every t of a path, and if asked its trace and its density. */
import type { Outputs, RunInput } from '../../../experiment/records/records.js';
import { rows, type SeriesRow } from '../../../experiment/records/rows.js';
import type { WeightSpectrumSpec } from '../../../experiment/kinds/spectrum/weight-spectrum.js';
import { createParameterHessian } from '../../../numerics/curvature/operators/parameter-hessian.js';
import {
  countProducts,
  summariseWeightSpectrum,
  weightSpectrum,
  type WeightSpectrum,
} from '../../../numerics/curvature/measures/weight-spectrum.js';
import type { EngineContext } from '../../toolkit/context.js';
import { encodeWeightSpectra } from './encode-weight-spectra.js';
import { measurePath } from '../../toolkit/measure-path.js';

/** Decides memory and speed; the loss is the mean over all images whatever it is. */
const batchSize = 128;

export async function weightSpectra(
  spec: WeightSpectrumSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { done, selection } = await measurePath<WeightSpectrum>(spec, inputs, context, {
    phase: 'Lanczos',
    makeInstrument: (model, images) => {
      const hessian = createParameterHessian(context.host, model, images, batchSize);
      return {
        batches: hessian.batches * countProducts(spec),
        measure: (_t, weights, { pause }) => weightSpectrum(hessian, weights, spec, pause),
        dispose: () => hessian.dispose(),
      };
    },
    rows: (t, found) => spectrumRows(spec, t, found),
  });
  const eigenvalues = await context.blobs.put(encodeWeightSpectra(spec, batchSize, done));
  return { eigenvalues, ...selection };
}

function spectrumRows(
  { images: n }: WeightSpectrumSpec,
  t: number,
  result: WeightSpectrum,
): readonly SeriesRow<'spectrum'>[] {
  const { maxResidual, converged, settled } = summariseWeightSpectrum(result);
  const { largest, smallest, iterations, trace } = result;
  return rows(
    'spectrum',
    { x: t, n },
    {
      weight_eigenvalue_max: largest[0]!.eigenvalue,
      weight_eigenvalue_min: smallest[0]!.eigenvalue,
      weight_lanczos_steps: iterations,
      weight_residual_max: maxResidual,
      weight_converged: converged,
      weight_settled: settled,
      weight_eigenvalue_max_error: largest[0]!.residual,
      weight_eigenvalue_min_error: smallest[0]!.residual,
      weight_trace: trace && trace.trace,
      weight_trace_error: trace && trace.standardError,
    },
  );
}
