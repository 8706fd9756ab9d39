/** Two-layer networks with a quadratic loss, in float64: the smallest on which the inner maximisation is not concave. */
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { SmoothActivation } from '../../experiment/catalogue/two-layer.js';
import { normals, signs } from '../random.js';

/** σ and σ′, entry by entry. */
interface Activation {
  readonly value: (z: number) => number;
  readonly slope: (z: number) => number;
}

const activations: Readonly<Record<SmoothActivation, Activation>> = {
  softplus: {
    value: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    slope: (z) => 1 / (1 + Math.exp(-z)),
  },
  tanh: { value: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
};

/** f(x) = Σ_r a_r σ(w_r · x). */
export interface TwoLayerNetwork {
  readonly activation: SmoothActivation;
  /** W [m · d], a row for each hidden unit. */
  readonly hidden: Float64Array;
  /** a [m]. */
  readonly outer: Float64Array;
}

/** Hidden units, inputs and activation of a network. */
export interface TwoLayerSize {
  readonly width: number;
  readonly dimension: number;
  readonly activation: SmoothActivation;
}

/** w_r ~ N(0, I) and a_r = ±1/√m with equal chances (Du et al. 2019), of `width` units on `dimension` inputs. */
export function drawTwoLayer(
  generator: RandomGenerator,
  {
    width,
    dimension,
    activation,
  }: Readonly<{ width: number; dimension: number }> & {
    readonly activation: SmoothActivation;
  },
): TwoLayerNetwork {
  const hidden = normals(generator, width * dimension);
  const outer = signs(generator, width).map((sign) => sign / Math.sqrt(width));
  return { activation, hidden, outer };
}

/** f(x), and its gradient [d] in x: Wᵀ (a ∘ σ′(W x)). */
export function evaluateTwoLayer(
  { activation, hidden, outer }: TwoLayerNetwork,
  x: Float64Array,
): { readonly output: number; readonly gradient: Float64Array } {
  const { value, slope } = activations[activation];
  const d = x.length;
  const gradient = new Float64Array(d);
  let output = 0;
  for (let r = 0; r < outer.length; r++) {
    const row = r * d;
    let z = 0;
    for (let i = 0; i < d; i++) z += hidden[row + i]! * x[i]!;
    output += outer[r]! * value(z);
    const factor = outer[r]! * slope(z);
    for (let i = 0; i < d; i++) gradient[i]! += factor * hidden[row + i]!;
  }
  return { output, gradient };
}
