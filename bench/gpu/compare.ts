/** Results of the engine against the stored ones: a figure for each check, as `npm run bench -- exactness` has them. */
import type { StoredTensor } from '../../stores/formats/tensors.js';
import { checks, type Check } from '../exactness.js';
import { batchSize } from '../isthmus/sizes.js';
import { sketchImages, sketchWeights, type Tensors } from './reference.js';

export interface Figure {
  readonly check: Check;
  /** Relative difference, or per cent of predictions that differ. */
  readonly figure: number;
  /** Images that float32 rounding put on another piece of the network. */
  readonly leftOut: number;
}

/**
 * Whatever of the checks the results hold. `leaveOut`: for float32, an image that by itself misses the bar and lies so
 * near a kink that rounding may have put the two sides on different pieces of the network is left out.
 */
export function compareResults(
  results: Tensors,
  reference: Tensors,
  leaveOut: boolean,
): readonly Figure[] {
  const near = leaveOut ? numbers(reference, 'near_kinks') : new Float64Array(batchSize);
  const present = new Set([...results.keys()].map((name) => name.split('/')[0]!));
  const names = Object.keys(checks) as Check[];
  return names
    .filter((check) => present.has(check))
    .map((check) => ({ check, ...comparisons[check]({ results, reference, near }) }));
}

interface Compared {
  readonly results: Tensors;
  readonly reference: Tensors;
  /** 1 for images that may be left out. */
  readonly near: Float64Array;
}

type Comparison = (compared: Compared) => Omit<Figure, 'check'>;

const comparisons: Readonly<Record<Check, Comparison>> = {
  logits: ({ results, reference }) => ({
    figure: relative(numbers(results, 'logits'), numbers(reference, 'logits')),
    leftOut: 0,
  }),
  input_gradient: ofImages('input_gradient'),
  input_product: ofImages('input_product'),
  pgd_predictions({ results, reference }) {
    const expected = numbers(reference, 'pgd_predictions');
    const found = numbers(results, 'pgd_predictions');
    const wrong = found.filter((prediction, i) => prediction !== expected[i]).length;
    return { figure: (100 * wrong) / expected.length, leftOut: 0 };
  },
  curve_loss({ results, reference }) {
    const expected = numbers(reference, 'curve_loss');
    // Rows of t and loss.
    const found = numbers(results, 'curve_loss').filter((_, i) => i % 2 === 1);
    return { figure: Math.max(...relativeDifferences(found, expected)), leftOut: 0 };
  },
  weight_product: ({ results, reference }) => ({
    figure: relative(
      sketchWeights(results, 'weight_product/'),
      numbers(reference, 'weight_product'),
    ),
    leftOut: 0,
  }),
  eigenvalues_lanczos: eigenvalues('eigenvalues_lanczos'),
  eigenvalues_closed_form: eigenvalues('eigenvalues_closed_form'),
};

function ofImages(check: 'input_gradient' | 'input_product'): Comparison {
  return ({ results, reference, near }) => {
    const expected = numbers(reference, check);
    const found = sketchImages(tensor(results, check));
    const size = expected.length / near.length;
    const share = length(expected) / Math.sqrt(near.length);
    const row = (values: Float64Array, i: number) => values.subarray(i * size, (i + 1) * size);
    const out = (i: number): boolean =>
      near[i] === 1 && distance(row(found, i), row(expected, i)) > checks[check][1] * share;
    const kept = Array.from(near, (_, i) => i).filter((i) => !out(i));
    const joined = (values: Float64Array) =>
      Float64Array.from(kept.flatMap((i) => [...row(values, i)]));
    return {
      figure: relative(joined(found), joined(expected)),
      leftOut: near.length - kept.length,
    };
  };
}

/** The worst of the images. */
function eigenvalues(check: 'eigenvalues_lanczos' | 'eigenvalues_closed_form'): Comparison {
  return ({ results, reference, near }) => {
    const expected = numbers(reference, 'eigenvalues');
    const differences = relativeDifferences(numbers(results, check), expected);
    const kept = differences.filter((value, i) => near[i] === 0 || !(value > checks[check][1]));
    return { figure: Math.max(...kept), leftOut: differences.length - kept.length };
  };
}

function tensor(tensors: Tensors, name: string): StoredTensor {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

function numbers(tensors: Tensors, name: string): Float64Array {
  return Float64Array.from(tensor(tensors, name).data as ArrayLike<number>);
}

function relativeDifferences(found: Float64Array, expected: Float64Array): Float64Array {
  return expected.map((value, i) => Math.abs(found[i]! - value) / value);
}

function relative(found: Float64Array, expected: Float64Array): number {
  return distance(found, expected) / length(expected);
}

function distance(a: Float64Array, b: Float64Array): number {
  return length(a.map((value, i) => value - b[i]!));
}

function length(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
