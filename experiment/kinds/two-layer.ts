/** Ascents on random two-layer networks: how the inner maximisation depends on the scale of the inputs. */
import { z } from 'zod';
import { twoLayerSeries } from '../catalogue/series/two-layer.js';
import { smoothActivations, stepRules } from '../catalogue/two-layer.js';
import type { SmoothActivation, StepRule } from '../catalogue/two-layer.js';
import { positive, seed } from '../config/fields.js';
import { runName } from '../specs/run-name.js';
import type { Draft } from './draft.js';
import type { ConfigWith, Kind } from './kind.js';

export interface TwoLayerSpec {
  readonly kind: 'two-layer';
  readonly activation: SmoothActivation;
  readonly dimension: number;
  readonly width: number;
  /** Length of the input. */
  readonly scale: number;
  /** Radius of the l2 ball over the length of the input. */
  readonly ratio: number;
  readonly step: StepRule;
  /** Length of the step over the gradient's; with `proportional`, over the scale as well. */
  readonly stepSize: number;
  readonly networks: number;
  readonly starts: number;
  readonly steps: number;
  readonly seed: number;
}

const sections = {
  twoLayer: z
    .strictObject({
      activation: z.enum(smoothActivations).default('tanh').describe('of the hidden units'),
      dimension: z.int().min(1).max(1000).default(20).describe('number of inputs'),
      width: z.int().min(1).max(100_000).default(200).describe('number of hidden units'),
      scale: positive.max(1e6).default(1).describe('length of the input'),
      ratio: positive.max(1000).default(0.5).describe('radius of the l2 ball over that length'),
      step: z
        .enum(stepRules)
        .default('fixed')
        .describe('whether the step is stepSize times the gradient, or that times the scale'),
      stepSize: positive
        .max(1e6)
        .default(0.2)
        .describe('length of the step over that of the gradient'),
      networks: z.int().min(1).max(10_000).default(20).describe('random networks'),
      starts: z
        .int()
        .min(2)
        .max(10_000)
        .default(20)
        .describe('uniform points of the ball per network'),
      steps: z.int().min(1).max(1_000_000).default(1000).describe('most steps of one ascent'),
      seed: seed.default(1),
    })
    .optional()
    .describe(
      'projected gradient ascent on random two-layer networks with a quadratic loss; needs neither data nor model',
    ),
};

function experiment({ twoLayer }: ConfigWith<typeof sections>): readonly Draft<TwoLayerSpec>[] {
  if (!twoLayer) return [];
  const { activation, scale, step } = twoLayer;
  return [
    {
      name: runName('two-layer', 'ascents'),
      summary: `ascents on two-layer networks: ${activation}, scale ${scale}, ${step} step`,
      needs: [],
      spec: { kind: 'two-layer', ...twoLayer },
    },
  ];
}

export const twoLayer: Kind<TwoLayerSpec, typeof sections, 'engine', typeof twoLayerSeries> = {
  name: 'two-layer',
  version: 1,
  computedBy: 'engine',
  activity: 'ascendTwoLayer',
  precision: 'float32',
  sections,
  series: twoLayerSeries,
  prefixes: ['two-layer'],
  plan: { experiment },
  check: null,
  isChangedBy: ({ section }) => section === 'twoLayer',
  work: ({ activation, networks, starts, width, dimension }) => ({
    variant: [activation],
    amount: networks * starts * width * dimension,
  }),
};
