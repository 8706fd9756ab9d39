/** What an experiment file may say about a curve between two endpoints. */
import { z } from 'zod';
import { entryName, seed } from './fields.js';
import { training } from './training.js';

export const curveFamilies = ['bezier', 'polychain'] as const;
export type CurveFamily = (typeof curveFamilies)[number];

export const curve = z.strictObject({
  from: entryName.describe('endpoint at t = 0'),
  to: entryName.describe('endpoint at t = 1'),
  family: z.enum(curveFamilies).default('bezier'),
  bends: z.int().min(1).max(16).default(1).describe('free control points between the two ends'),
  seed: seed.default(1),
  ...training,
  epochs: training.epochs.default(2),
  learningRate: training.learningRate.default(0.015),
});

export type CurveConfig = z.output<typeof curve>;
