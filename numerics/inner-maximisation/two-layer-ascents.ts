/** Ascents on random two-layer networks: how fast they end, and whether they end at one maximum. */
import { mean } from 'simple-statistics';
import type { StepRule } from '../../experiment/catalogue/two-layer.js';
import { signs, stream } from '../random.js';
import { ascendInBall, type AscentEnd, type LossAt } from './ascent.js';
import { relativeSpread, shareAtBest } from './agreement.js';
import { inBall, onSphere } from './ball.js';
import {
  drawTwoLayer,
  evaluateTwoLayer,
  type TwoLayerNetwork,
  type TwoLayerSize,
} from './two-layer.js';

/** Settings of the ascents on one network. */
export interface TwoLayerSettings extends TwoLayerSize {
  /** s, the length of the input. */
  readonly scale: number;
  /** Radius of the ball over the length of the input. */
  readonly ratio: number;
  readonly step: StepRule;
  /** η where it is fixed, η / s where it is proportional. */
  readonly stepSize: number;
  readonly starts: number;
  /** Most steps of one ascent. */
  readonly steps: number;
  readonly seed: number;
}

/** The ascents on one network. */
export interface TwoLayerAscents {
  /** Mean number of steps. */
  readonly steps: number;
  /** Standard deviation of the losses reached, relative to their mean. */
  readonly spread: number;
  /** Fraction of the starts that end within cosine 0.99 of the best. */
  readonly oneMaximiser: number;
  /** Fraction of the ascents that had not ended after all steps. */
  readonly unsettled: number;
}

/** Share of η ‖∇‖ below which the projected step counts as none. */
const tolerance = 1e-4;

/**
 * Ascents of ½ (y - f(x + δ))² in ‖δ‖ ≤ ratio · s from `starts` uniform points of the ball, for network `index` of the seed:
 * w ~ N(0, I), a = ±1/√m, x on the sphere of radius s, y = ±1. Network, direction of x, y and the directions of the starts do
 * not depend on the scale.
 */
export function twoLayerAscents(settings: TwoLayerSettings, index: number): TwoLayerAscents {
  const { dimension, scale, ratio, step, stepSize, starts, steps, seed } = settings;
  const generator = stream(seed, 'two-layer', index);
  const network = drawTwoLayer(generator, settings);
  const x = onSphere(generator, dimension, scale);
  const lossAt = squaredLoss(network, x, signs(generator, 1)[0]!);
  const ends = Array.from({ length: starts }, (): AscentEnd => {
    const epsilon = ratio * scale;
    const eta = step === 'fixed' ? stepSize : stepSize * scale;
    const start = inBall(generator, dimension, epsilon);
    return ascendInBall(lossAt, start, { epsilon, stepSize: eta, steps, tolerance });
  });
  const losses = ends.map(({ loss }) => loss);
  return {
    steps: mean(ends.map((end) => end.steps)),
    spread: relativeSpread(losses),
    oneMaximiser: shareAtBest(
      losses,
      ends.map(({ delta }) => delta),
    ),
    unsettled: mean(ends.map(({ settled }) => (settled ? 0 : 1))),
  };
}

/** ½ (y - f(x + δ))² and its gradient (f - y) ∇f. */
function squaredLoss(network: TwoLayerNetwork, x: Float64Array, y: number): LossAt {
  return (delta) => {
    const at = x.map((value, i) => value + delta[i]!);
    const { output, gradient } = evaluateTwoLayer(network, at);
    const rest = output - y;
    return { loss: rest ** 2 / 2, gradient: gradient.map((value) => rest * value) };
  };
}
