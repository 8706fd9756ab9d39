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
import { solveInGroups, solveSlowly, type ProductMethod } from '../operators/operator.js';
import type { ParameterHessian, Reduction } from '../operators/parameter-hessian.js';
import {
  lanczosQuadrature,
  meanQuadrature,
  type Quadrature,
} from '../algorithms/spectral-density.js';
import { estimateTrace, traceSample, type TraceEstimate } from '../algorithms/trace.js';

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

/** Probes that advance at once hold their vectors in at most so many bytes, if there are two of them or more. */
const probeMemory = 2 ** 28;

/** More save nothing that could be measured: the pass through the network is then a twentieth of the products. */
const mostTogether = 16;

/** Probes at once, each of which holds so many float64 vectors [size]; depends on nothing but these sizes. */
export function countTogether(size: number, vectors: number): number {
  const fitting = Math.floor(probeMemory / (8 * size * vectors));
  return Math.max(1, Math.min(mostTogether, fitting));
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
    const probes = <Result>(
      { count, vectors }: { readonly count: number; readonly vectors: number },
      method: (i: number) => ProductMethod<Result>,
    ) => solveInGroups(operator, count, countTogether(operator.size, vectors), method);
    const [forTrace, forDensity] = [probe('probe'), probe('density-probe')];
    // Each holds its probe and product, and for the density the basis of its Krylov space.
    const samples =
      trace && (await probes({ count: trace.probes, vectors: 2 }, (i) => traceSample(forTrace(i))));
    const quadratures =
      density &&
      (await probes({ count: density.probes, vectors: density.steps + 2 }, (i) =>
        lanczosQuadrature(forDensity(i), density.steps),
      ));
    return {
      largest: ends.largest.map(withoutVector),
      smallest: ends.smallest.map(withoutVector),
      iterations: ends.iterations,
      stop: ends.stop,
      trace: samples ? estimateTrace(samples) : null,
      density: quadratures ? meanQuadrature(quadratures) : null,
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
