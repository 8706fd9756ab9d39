/** The step transform of quantised training: loss and gradient at relaxed weights, steps on the float ones. */
import type * as tf from '@tensorflow/tfjs';
import type { QuantisationSpec } from '../../experiment/specs/quantisation.js';
import type { ParameterSpec } from '../models/parameters.js';
import { stateless, type StepTransform } from '../optimise/step-transform.js';
import { quantise } from './quantisers.js';
import { relaxed } from './relaxation.js';

/**
 * The loss is taken at Ŵ, on the segment from V to Q(V) for the parameters that are quantised and V for others; its
 * gradient moves V as if it were that at V (straight-through: Bengio et al. 2013). Throws where a model lacks one.
 */
export function quantised(
  parameters: readonly ParameterSpec[],
  { weights: names, ...quantiser }: QuantisationSpec,
): StepTransform {
  const missing = names.find((name) => parameters.every((spec) => spec.name !== name));
  if (missing !== undefined) throw new Error(`no parameter ${missing} to quantise`);
  const isQuantised = parameters.map(({ name }) => names.includes(name));
  return stateless({
    forward: (weights: readonly tf.Tensor[], position) =>
      weights.map((w, i) => (isQuantised[i] ? relaxed(w, quantise(w, quantiser), position) : w)),
  });
}
