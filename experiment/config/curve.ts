/** Curves between two endpoints in an experiment file. */
import { z } from 'zod';
import { implicitMixings } from '../catalogue/models/implicit-sites.js';
import { adversarial } from './training/adversarial.js';
import { certified } from './training/certified.js';
import { entryName, seed } from './fields.js';
import { trained, training } from './training/training.js';

const curveFamilies = ['bezier', 'polychain'] as const;
export type CurveFamily = (typeof curveFamilies)[number];

const curveEnds = ['fixed', 'free'] as const;

const written = z
  .strictObject({
    from: entryName.describe('endpoint at t = 0'),
    to: entryName.describe('endpoint at t = 1'),
    family: z.enum(curveFamilies).default('bezier'),
    bends: z.int().min(1).max(16).default(1).describe('free control points between the two ends'),
    ends: z
      .enum(curveEnds)
      .optional()
      .describe(
        'free: the first and last control point are trained too, starting at the endpoints (default fixed)',
      ),
    implicit: z
      .enum(implicitMixings)
      .optional()
      .describe(
        'how implicit layers mix. parameters: their free parameters, with |a| at the ends. coupling: their coupling matrices, in one norm for both ends (default: the weights as they are, a with its sign)',
      ),
    seed: seed.default(1),
    ...training,
    learningRate: training.learningRate.default(0.015),
    adversarial: adversarial
      .optional()
      .refine((training) => training?.method !== 'fast', {
        path: ['method'],
        message: 'fast checks one network and a curve has many; use method: pgd with steps: 1',
      })
      .describe('adversarial training of the network at each t: a robust connection'),
    certified: certified
      .optional()
      .describe('certified training of the network at each t, by interval bounds (default: none)'),
  })
  .refine((curve) => curve.certified === undefined || curve.adversarial === undefined, {
    path: ['certified'],
    message: 'bounds hold for every attack: leave adversarial out, or this',
  });

export const curve = trained(written);

export type CurveConfig = z.output<typeof curve>;
