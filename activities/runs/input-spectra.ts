/** Largest input-Hessian eigenvalue of every image at every t of a path. */
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { SpectrumSpec } from '../../experiment/runs.js';
import { createJacobian } from '../../numerics/curvature/input-jacobian.js';
import { createInputHessian } from '../../numerics/curvature/input-hessian.js';
import {
  exactInputSpectrum,
  inputSpectrum,
  summariseSpectrum,
  type ImageEigenvalue,
} from '../../numerics/curvature/input-spectrum.js';
import { encodeSafetensors } from '../../stores/safetensors.js';
import type { EngineContext } from './context.js';
import { measurePath } from './measure-path.js';

/** Images per batch of Jacobians: ten gradients of each are held at once. */
const jacobianBatch = 128;

export async function inputSpectra(
  spec: SpectrumSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const found: ImageEigenvalue[][] = [];
  const pause = () => context.pause();
  await measurePath(spec, inputs, context, 'Lanczos', (model, images) => {
    const jacobian = createJacobian(context.host, model, images, jacobianBatch);
    const hessian =
      spec.operator === 'hessian'
        ? createInputHessian(context.host, model, images, jacobianBatch)
        : null;
    return {
      measure: async (t, weights) => {
        const results = hessian
          ? await exactInputSpectrum(hessian, jacobian, weights, spec, pause)
          : await inputSpectrum(jacobian, weights, spec, pause);
        found.push(results);
        return rows(t, results);
      },
      dispose: () => {
        jacobian.dispose();
        hessian?.dispose();
      },
    };
  });
  return { eigenvalues: await context.blobs.put(encodeEigenvalues(spec, found)) };
}

function rows(t: number, results: readonly ImageEigenvalue[]): MetricRow[] {
  const summary = summariseSpectrum(results);
  return [
    { series: 'eigenvalue_mean', x: t, value: summary.mean },
    { series: 'eigenvalue_median', x: t, value: summary.median },
    { series: 'eigenvalue_q90', x: t, value: summary.q90 },
    { series: 'eigenvalue_max', x: t, value: summary.max },
    { series: 'lanczos_steps_max', x: t, value: summary.maxSteps },
    { series: 'lanczos_residual_max', x: t, value: summary.maxResidual },
    { series: 'lanczos_converged', x: t, value: summary.converged },
    { series: 'closed_form_difference_max', x: t, value: summary.closedFormDifference },
  ];
}

/** Every image's value, since means over images are heavy-tailed: tensors [points, images]. */
function encodeEigenvalues(spec: SpectrumSpec, found: readonly ImageEigenvalue[][]): Uint8Array {
  const shape = [spec.t.length, spec.images];
  const table = (value: (r: ImageEigenvalue) => number) => ({
    dtype: 'F64' as const,
    shape,
    data: Float64Array.from(found.flat(), value),
  });
  const tensors = new Map([
    ['eigenvalue', table((r) => r.eigenvalue)],
    ['residual', table((r) => r.residual)],
    ['closed_form', table((r) => r.closedForm)],
  ]);
  return encodeSafetensors(tensors, {
    variable: 'inputs',
    operator: spec.operator,
    reduction: 'one Hessian per image of its own cross-entropy',
    t: JSON.stringify(spec.t),
  });
}
