/** The largest and the smallest eigenvalues of a symmetric operator with their vectors, by Lanczos. */
import {
  isWithin,
  knownFromOutside,
  estimateNorm,
  type Accuracy,
  type Certainty,
} from './certainty.js';
import { lanczosSteps, type Stop } from './lanczos.js';
import type { ProductMethod } from '../operators/operator.js';
import { ritzValues, ritzVector, type RitzValue, type Tridiagonal } from './ritz.js';

/** How many eigenvalues of each end are computed, how accurately, and in at most how many products. */
export interface ExtremalOptions extends Accuracy {
  /** How many of each end. */
  readonly largest: number;
  readonly smallest: number;
  readonly maxSteps: number;
}

/** An eigenvalue θ with its residual and how far it is proven. */
export interface Eigenvalue {
  readonly eigenvalue: number;
  /** ||A y - θ y||: an eigenvalue lies within this of θ, beside the rounding of the products. */
  readonly residual: number;
  readonly certainty: Certainty;
}

/** An eigenvalue with its eigenvector. */
export interface EigenPair extends Eigenvalue {
  /** y [size], of unit length; its sign means nothing. */
  readonly vector: Float64Array;
}

/** The eigenvalues of both ends, and why the iteration stopped. */
export interface ExtremalResult {
  /** Descending. */
  readonly largest: readonly EigenPair[];
  /** Ascending. */
  readonly smallest: readonly EigenPair[];
  /** Products with A. */
  readonly iterations: number;
  readonly stop: Stop;
}

/** A random vector [size]: the first one, and a new one for each restart. */
export type RandomDirections = (index: number) => Float64Array;

/**
 * Lanczos from one random vector, which sees one vector of each eigenspace; where its space is exhausted
 * it restarts orthogonally to it, so that copies appear. Ends when every value asked for is settled,
 * or when all have converged far from where a space is exhausted, or after `maxSteps`.
 */
export function* extremalEigenvalues(
  directions: RandomDirections,
  options: ExtremalOptions,
): ProductMethod<ExtremalResult> {
  const start = directions(0);
  checkCounts(options, start.length);
  const restarts = { ...options, direction: (restart: number) => directions(restart + 1) };
  let last: Judgement | null = null;
  const isOpen = (sofar: Tridiagonal): boolean => {
    last = judge(sofar, options);
    return !last.done;
  };
  const t = yield* lanczosSteps(start, options.maxSteps, isOpen, restarts);
  const { largest, smallest, done } = last!;
  return {
    ...{ largest: withVectors(t, largest), smallest: withVectors(t, smallest) },
    iterations: t.alphas.length,
    stop: !done ? 'step-limit' : t.exhausted.length > 0 ? 'exhausted' : 'converged',
  };
}

/** Whether the residual met the tolerance, whatever the value's place. */
export function isConverged({ certainty }: Eigenvalue): boolean {
  return certainty !== 'unconverged';
}

/** The vectors of many images, or of a large network, would fill the memory. */
export function withoutVector({ eigenvalue, residual, certainty }: EigenPair): Eigenvalue {
  return { eigenvalue, residual, certainty };
}

type Judged = RitzValue & Eigenvalue;

/** Times the noise of the products: a direction as short ends its space within a few steps. */
const nearly = 100;

/** Both ends after some steps, and whether the iteration may end there. */
interface Judgement {
  readonly largest: readonly Judged[];
  readonly smallest: readonly Judged[];
  readonly done: boolean;
}

function judge(t: Tridiagonal, options: ExtremalOptions): Judgement {
  const descending = ritzValues(t);
  const largest = judged(t, descending, options.largest, options);
  const smallest = judged(t, descending.toReversed(), options.smallest, options);
  const enough = t.alphas.length >= options.largest + options.smallest;
  const norm = estimateNorm(descending);
  return { largest, smallest, done: enough && isDone(t, [...largest, ...smallest], norm, options) };
}

/** Values that have converged are waited for to be settled where their space is exhausted, or nearly so. */
function isDone(
  t: Tridiagonal,
  values: readonly Judged[],
  norm: number,
  { noise }: Accuracy,
): boolean {
  if (!values.every(isConverged)) return false;
  if (values.every(({ certainty }) => certainty === 'settled')) return true;
  return t.exhausted.length === 0 && t.betas.at(-1)! > nearly * noise * norm;
}

/** The outermost `count` of all Ritz values, which come from the outside inwards. */
function judged(
  t: Tridiagonal,
  inwards: readonly RitzValue[],
  count: number,
  accuracy: Accuracy,
): Judged[] {
  const norm = estimateNorm(inwards);
  const known = knownFromOutside(inwards, t, accuracy.noise);
  return inwards.slice(0, count).map((value, place) => ({
    ...value,
    certainty: !isWithin(value, norm, accuracy)
      ? 'unconverged'
      : place < known
        ? 'settled'
        : 'distinct',
  }));
}

function withVectors(t: Tridiagonal, values: readonly Judged[]): EigenPair[] {
  return values.map(({ eigenvalue, residual, certainty, ...value }) => ({
    ...{ eigenvalue, residual, certainty },
    vector: ritzVector(t, { eigenvalue, residual, ...value }),
  }));
}

function checkCounts({ largest, smallest, maxSteps }: ExtremalOptions, size: number): void {
  const asked = largest + smallest;
  if (asked < 1) throw new Error('no eigenvalue was asked for: largest + smallest is 0');
  if (asked > size) {
    throw new Error(`largest + smallest = ${asked} exceeds the operator's size ${size}`);
  }
  if (asked > maxSteps) {
    throw new Error(
      `largest + smallest = ${asked} needs as many steps, but maxSteps = ${maxSteps}`,
    );
  }
}
