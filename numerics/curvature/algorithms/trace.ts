/** The trace of a symmetric operator from random products (Hutchinson 1990). */
import { absent, quantity, type Quantity } from '../../../experiment/records/quantity.js';
import type { ProductMethod } from '../operators/operator.js';
import { dot } from './vectors.js';

/** A stochastic estimate of tr A, with its standard error. */
export interface TraceEstimate {
  /** Mean of v^T A v over the probes. */
  readonly trace: number;
  /** Standard error of that mean; absent for a single probe. */
  readonly standardError: Quantity;
  readonly probes: number;
}

/**
 * One sample v^T A v. The random vector v [size] has independent entries of mean 0 and variance 1, so that the
 * mean of the samples is tr A; signs (Rademacher) have the smallest variance: 2 (||A||_F² - Σ a_ii²).
 */
export function* traceSample(v: Float64Array): ProductMethod<number> {
  return dot(v, yield v);
}

/** Mean of the samples of several probes, with its standard error; throws where there are none. */
export function estimateTrace(samples: readonly number[]): TraceEstimate {
  const probes = samples.length;
  if (probes < 1) throw new Error(`a trace needs at least one probe, not ${probes}`);
  const trace = samples.reduce((sum, sample) => sum + sample, 0) / probes;
  const squares = samples.reduce((sum, sample) => sum + (sample - trace) ** 2, 0);
  const standardError =
    probes === 1
      ? absent('too-few', 1)
      : quantity(Math.sqrt(squares / (probes - 1) / probes), probes);
  return { trace, standardError, probes };
}
