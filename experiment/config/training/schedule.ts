/** Learning-rate schedules in an experiment file. */
import { z } from 'zod';
import { fraction } from '../fields.js';

const halfLinear = z.strictObject({ kind: z.literal('half-linear') });

const cosine = z.strictObject({
  kind: z.literal('cosine'),
  warmup: fraction
    .lt(1)
    .default(0)
    .describe('fraction of the steps over which the learning rate grows linearly from 0'),
  end: fraction.default(0).describe('factor at the end'),
});

const oneCycle = z.strictObject({
  kind: z.literal('one-cycle'),
  peak: fraction
    .gt(0)
    .lt(1)
    .default(0.3)
    .describe('fraction of the steps after which the learning rate is highest'),
  start: fraction.default(0.04).describe('factor at the first step'),
  end: fraction.default(0).describe('factor at the end'),
});

const point = z.tuple([fraction, z.number().min(0).max(100)]);

const piecewise = z
  .strictObject({
    kind: z.literal('piecewise'),
    points: z
      .array(point)
      .min(1)
      .max(100)
      .describe('[fraction of the steps, factor] in order, the first at 0'),
    interpolation: z
      .enum(['linear', 'constant'])
      .default('linear')
      .describe('between points; constant: each factor holds until the next point (step decay)'),
  })
  .refine(({ points }) => points[0]?.[0] === 0, {
    path: ['points', 0],
    message: 'the first point is at 0: write [0, factor]',
  })
  .refine(({ points }) => points.every(([at], i) => i === 0 || at > points[i - 1]![0]), {
    path: ['points'],
    message: 'fractions of the steps must grow from point to point',
  });

/** Factor of `learningRate` over the fraction of the steps taken. */
export const schedule = z
  .discriminatedUnion('kind', [halfLinear, cosine, oneCycle, piecewise])
  .describe(
    'factor of learningRate over the training. half-linear: 1, from half of the steps linear to 0.01 at nine tenths (default). cosine: half a cosine from 1 to end. one-cycle: linear from start to 1 at peak, then to end. piecewise: through points',
  );
