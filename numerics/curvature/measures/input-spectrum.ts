/** Largest input-Hessian eigenvalue of each image by Lanczos, checked against the closed form. */
import { quantile } from 'simple-statistics';
import {
  largest,
  mean,
  overExisting,
  relative,
  type Quantity,
} from '../../../experiment/records/quantity.js';
import type { Pause } from '../../evaluation/batched.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { normals, stream } from '../../random.js';
import { isConverged, withoutVector, type Eigenvalue } from '../algorithms/extremal-eigenvalues.js';
import {
  closedFormEigenvalues,
  gaussNewton,
  type LoggedJacobian,
} from '../operators/gauss-newton.js';
import { inputEigenvalues } from './input-eigenvalues.js';
import type { InputHessian } from '../operators/input-hessian.js';
import type { JacobianFunction } from '../operators/input-jacobian.js';
import {
  expandLoss,
  inputGradient,
  signs,
  type Expansion,
  type ImageGradient,
} from './input-expansion.js';
import { imageProducts } from '../operators/input-products.js';
import { largestEigenpair, type EigenResult, type LanczosOptions } from '../algorithms/lanczos.js';

/** The largest eigenvalue of one image's input Hessian, 1/pixel², and what else was asked for. */
export interface ImageEigenvalue extends EigenResult {
  /** The same eigenvalue by the closed form. */
  readonly closedForm: number;
  /** Eigenvalues of both ends, where asked for: descending from the largest, ascending from the smallest. */
  readonly ends?: Readonly<Record<'largest' | 'smallest', readonly Eigenvalue[]>>;
  /** Where it was asked for. */
  readonly expansion?: Expansion;
}

/** Which quantities are computed per image, and how accurately. */
export interface SpectrumOptions extends LanczosOptions {
  readonly seed: number;
  /** Eigenvalues of each end, of the exact Hessian only; absent: the largest alone. */
  readonly top?: number;
  /** Also the image's expansion, for which its class is needed; absent: not. */
  readonly expansion?: {
    readonly labels: ArrayLike<number>;
    /** With s^T H s. */
    readonly curvature: boolean;
  };
}

/** Statistics of the largest eigenvalue over the images, 1/pixel². */
export interface SpectrumSummary {
  readonly mean: number;
  readonly median: number;
  readonly q90: number;
  readonly max: number;
  readonly maxSteps: number;
  /** Largest residual relative to its eigenvalue, over the images for which that exists. */
  readonly maxResidual: Quantity;
  /** Share of images all of whose eigenvalues met the tolerance. */
  readonly converged: number;
  /** Share of images all of whose eigenvalues are settled; null where the largest alone was asked for. */
  readonly settled: number | null;
  /** Largest |Lanczos - closed form| relative to the closed form, over the images for which that exists. */
  readonly closedFormDifference: Quantity;
}

/** One result per image of the data set, in order. */
export async function inputSpectrum(
  jacobian: JacobianFunction,
  parameters: ParameterTensors,
  options: SpectrumOptions,
  pause: Pause,
): Promise<ImageEigenvalue[]> {
  const results: ImageEigenvalue[] = [];
  await jacobian.each(
    parameters,
    (j, image) => void results.push(imageEigenvalue(j, image, options)),
    pause,
  );
  return results;
}

/**
 * The same on the exact Hessian by forward over reverse mode, which also holds for smooth networks;
 * the closed form beside it is then a comparison, not a check.
 */
export async function exactInputSpectrum(
  hessian: InputHessian,
  jacobian: JacobianFunction,
  parameters: ParameterTensors,
  options: SpectrumOptions,
  pause: Pause,
): Promise<ImageEigenvalue[]> {
  const closed: number[] = [];
  const gradients: ImageGradient[] = [];
  const { expansion } = options;
  await jacobian.each(
    parameters,
    (j, image) => {
      closed.push(closedFormEigenvalues(j)[0]!);
      if (expansion) gradients.push(inputGradient(j, expansion.labels[image]!));
    },
    pause,
  );
  const products = expansion?.curvature
    ? await imageProducts(hessian, parameters, (i) => signs(gradients[i]!.gradient), pause)
    : null;
  const results: ImageEigenvalue[] = [];
  await inputEigenvalues(
    hessian,
    parameters,
    { ...options, largest: options.top ?? 1, smallest: options.top ?? 0 },
    ({ largest, smallest, iterations, stop }, image) => {
      const { eigenvalue, residual } = largest[0]!;
      const closedForm = closed[image]!;
      const converged = [...largest, ...smallest].every(isConverged);
      const all = { largest: largest.map(withoutVector), smallest: smallest.map(withoutVector) };
      const ends = options.top === undefined ? {} : { ends: all };
      results.push({
        ...{ eigenvalue, residual, iterations, converged, stop, closedForm, ...ends },
        ...(expansion && {
          expansion: expandLoss(gradients[image]!, largest[0]!, products?.[image] ?? null),
        }),
      });
    },
    pause,
  );
  return results;
}

function imageEigenvalue(
  jacobian: LoggedJacobian,
  image: number,
  options: SpectrumOptions,
): ImageEigenvalue {
  const operator = gaussNewton(jacobian);
  const start = normals(stream(options.seed, 'lanczos-start', image), operator.size);
  const top = largestEigenpair(operator, start, options);
  const closedForm = closedFormEigenvalues(jacobian)[0]!;
  if (options.expansion === undefined) return { ...top.result, closedForm };
  const gradient = inputGradient(jacobian, options.expansion.labels[image]!);
  const product = options.expansion.curvature ? operator.matvec(signs(gradient.gradient)) : null;
  const pair = { eigenvalue: top.result.eigenvalue, vector: top.vector() };
  return { ...top.result, closedForm, expansion: expandLoss(gradient, pair, product) };
}

function isSettled({ ends }: ImageEigenvalue): boolean {
  return [...ends!.largest, ...ends!.smallest].every(({ certainty }) => certainty === 'settled');
}

/** Statistics over the images, and the largest errors among them. */
export function summariseSpectrum(results: readonly ImageEigenvalue[]): SpectrumSummary {
  const eigenvalues = results.map((r) => r.eigenvalue);
  const differences = results.map((r) =>
    relative(Math.abs(r.eigenvalue - r.closedForm), r.closedForm),
  );
  return {
    mean: mean(eigenvalues),
    median: quantile(eigenvalues, 0.5),
    q90: quantile(eigenvalues, 0.9),
    max: Math.max(...eigenvalues),
    maxSteps: Math.max(...results.map((r) => r.iterations)),
    maxResidual: overExisting(
      results.map((r) => relative(r.residual, r.eigenvalue)),
      largest,
    ),
    converged: results.filter((r) => r.converged).length / results.length,
    settled: results.every((r) => r.ends)
      ? results.filter(isSettled).length / results.length
      : null,
    closedFormDifference: overExisting(differences, largest),
  };
}
