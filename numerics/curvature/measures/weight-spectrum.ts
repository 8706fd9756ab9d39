/** Spectrum of the weight Hessian at one point: both ends, and on request trace and spectral density. */
import { largest as most, relative, type Quantity } from '../../../experiment/records/quantity.js';
import type { Pause } from '../../evaluation/batched.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { signs, stream, type Purpose } from '../../random.js';
import { float32Noise, lanczosDirections } from '../algorithms/start-vectors.js';
import {
  extremalEigenvalues,
  isConverged,
  withoutVector,
  type Eigenvalue,
} from '../algorithms/extremal-eigenvalues.js';
import type { Stop } from '../algorithms/lanczos.js';
import { solveSlowly } from '../operators/operator.js';
import type { ParameterHessian, Reduction } from '../operators/parameter-hessian.js';
import { spectralDensity, type Quadrature } from '../algorithms/spectral-density.js';
import { hutchinsonTrace, type TraceEstimate } from '../algorithms/trace.js';

/** Which quantities of the weight Hessian are computed, and how accurately. */
export interface WeightSpectrumOptions {
  readonly seed: number;
  readonly reduction: Reduction;
  /** Eigenvalues of each end. */
  readonly top: number;
  readonly maxSteps: number;
  /** Largest residual, relative to the |eigenvalue| itself. */
  readonly tolerance: number;
  readonly trace?: { readonly probes: number };
  readonly density?: { readonly probes: number; readonly steps: number };
}

/** Eigenvalues at both ends of the weight Hessian, 1/weight², with trace and density where asked for. */
export interface WeightSpectrum {
  /** Descending. */
  readonly largest: readonly Eigenvalue[];
  /** Ascending. */
  readonly smallest: readonly Eigenvalue[];
  readonly iterations: number;
  readonly stop: Stop;
  readonly trace: TraceEstimate | null;
  readonly density: Quadrature | null;
}

/** Most products that one spectrum takes. */
export function countProducts({ maxSteps, trace, density }: WeightSpectrumOptions): number {
  return maxSteps + (trace?.probes ?? 0) + (density ? density.probes * density.steps : 0);
}

/** The random vectors depend on the seed alone, so every t sees the same. */
export async function weightSpectrum(
  hessian: ParameterHessian,
  weights: ParameterTensors,
  options: WeightSpectrumOptions,
  pause: Pause,
): Promise<WeightSpectrum> {
  const { seed, reduction, top, trace, density } = options;
  const operator = hessian.at(weights, reduction, pause);
  const probe = (purpose: Purpose) => (i: number) => signs(stream(seed, purpose, i), operator.size);
  try {
    const directions = lanczosDirections(seed, 0, operator.size);
    const both = { ...options, noise: float32Noise, largest: top, smallest: top };
    const ends = await solveSlowly(operator, extremalEigenvalues(directions, both));
    const estimate = trace && hutchinsonTrace(probe('probe'), trace.probes);
    const quadrature =
      density && spectralDensity(probe('density-probe'), density.probes, density.steps);
    return {
      largest: ends.largest.map(withoutVector),
      smallest: ends.smallest.map(withoutVector),
      iterations: ends.iterations,
      stop: ends.stop,
      trace: estimate ? await solveSlowly(operator, estimate) : null,
      density: quadrature ? await solveSlowly(operator, quadrature) : null,
    };
  } finally {
    operator.dispose();
  }
}

/** The largest error of the eigenvalues, and how many of them are proven. */
export interface WeightSpectrumSummary {
  /** Largest residual relative to the largest |eigenvalue|. */
  readonly maxResidual: Quantity;
  /** Share of the eigenvalues whose residual met the tolerance. */
  readonly converged: number;
  /** Share of them that are settled: no copy of one further out can be missing. */
  readonly settled: number;
}

/** Residuals relative to the largest |eigenvalue|, and the fractions that converged and are settled. */
export function summariseWeightSpectrum({
  largest,
  smallest,
}: WeightSpectrum): WeightSpectrumSummary {
  const all = [...largest, ...smallest];
  const norm = most(all.map(({ eigenvalue }) => Math.abs(eigenvalue)));
  const worst = most(all.map(({ residual }) => residual));
  return {
    maxResidual: relative(worst, norm),
    converged: all.filter(isConverged).length / all.length,
    settled: all.filter(({ certainty }) => certainty === 'settled').length / all.length,
  };
}
