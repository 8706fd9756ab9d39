/** What an experiment file may say: the one place with names, defaults, ranges and units. */
import { z } from 'zod';
import type { SweptCase } from './cases.js';
import { datasetNames } from './datasets.js';
import { execution } from './execution-config.js';
import { modelNames } from './models.js';
import type { AxisSize } from './sweep/expand.js';

const name = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,39}$/, 'use 1 to 40 letters, digits, ".", "_" or "-"');
/** Of an entry: as it is written, or with what a sweep adds (`A@seed=1`). */
const entryName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,39}(@[a-zA-Z0-9@=,._:+-]{1,200})?$/,
    'use 1 to 40 letters, digits, ".", "_" or "-"',
  );
const seed = z.int().min(0).max(0x7fffffff);
const positive = z.number().positive();
const fraction = z.number().min(0).max(1);

/** `train`: a pass over the training set at every t; `none`: those of the nearer end, as trained. */
export const batchNormSources = ['train', 'none'] as const;
export const precisions = ['float32', 'bfloat16'] as const;
export const engines = ['captured', 'eager'] as const;
export const curveFamilies = ['bezier', 'polychain'] as const;

const augmentation = z.strictObject({
  flip: z.boolean().default(true).describe('mirror left to right with probability 1/2'),
  padding: z
    .int()
    .min(0)
    .max(16)
    .default(4)
    .describe('zeros on every side, pixels, before a crop at a random place'),
});

/** SGD with momentum under the half-linear schedule of Garipov et al. 2018. */
const training = {
  epochs: z.int().min(1).max(10_000),
  batchSize: z.int().min(1).max(10_000).default(128).describe('images per step'),
  learningRate: positive.max(10),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(5e-4).describe('factor of half the squared norm'),
  augmentation: augmentation
    .optional()
    .describe('of the training images, anew at every step; none if left out'),
  dropout: positive
    .lt(1)
    .optional()
    .describe(
      'share of activations dropped in training, for models with dropout; none if left out',
    ),
};

const pixelEpsilon = positive
  .max(1)
  .describe('radius of the l-infinity ball, in [0,1] pixel units');

const ascent = {
  epsilon: pixelEpsilon,
  stepSize: positive.max(1).describe('length of one sign step, in [0,1] pixel units'),
  steps: z.int().min(1).max(1000),
  randomStart: z.boolean().default(true),
};

const adversarial = z.strictObject({
  ...ascent,
  warmup: fraction
    .default(0.25)
    .describe('share of the steps over which epsilon and stepSize grow linearly from 0'),
});

const endpoint = z.strictObject({
  seed: seed.describe('decides the initial weights, the order of the images and the attacks'),
  ...training,
  epochs: training.epochs.default(2),
  learningRate: training.learningRate.default(0.05),
  adversarial: adversarial
    .optional()
    .describe('train on PGD examples of each batch instead of the clean images'),
});

const curve = z.strictObject({
  from: entryName.describe('endpoint at t = 0'),
  to: entryName.describe('endpoint at t = 1'),
  family: z.enum(curveFamilies).default('bezier'),
  bends: z.int().min(1).max(16).default(1).describe('free control points between the two ends'),
  seed: seed.default(1),
  ...training,
  epochs: training.epochs.default(2),
  learningRate: training.learningRate.default(0.015),
});

const points = z.int().min(2).max(1001).default(11).describe('equally spaced values of t in [0,1]');

const evaluation = z.strictObject({
  points,
  straightLine: z
    .boolean()
    .default(true)
    .describe('evaluate the straight line between the ends beside each curve'),
});

const twoEndsReason = 'both ends need at least as many Lanczos steps: raise maxSteps';

function twoEndsFit({ top = 0, maxSteps }: { top?: number | undefined; maxSteps: number }) {
  return 2 * top <= maxSteps;
}

const attack = z
  .strictObject({
    ...ascent,
    restarts: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('random starts per image, of which the worst outcome counts; 1 if left out'),
    norm: z.enum(['linf']).default('linf'),
    images: z.int().min(1).describe('how many test images, from the first'),
    points,
    seed: seed.default(1),
  })
  .refine(({ restarts = 1, randomStart }) => restarts === 1 || randomStart, {
    path: ['restarts'],
    message: 'without randomStart every restart is the same attack; set it, or leave this out',
  });

/** Images per batch of the eigenvalue that `compat: published` adds, as in the paper's code. */
export const publishedBatchSize = 200;

const spectrum = z
  .strictObject({
    images: z.int().min(1).describe('how many test images, from the first'),
    points,
    seed: seed.default(1),
    operator: z
      .enum(['gauss-newton', 'hessian'])
      .default('gauss-newton')
      .describe('J^T S J, exact for ReLU and max-pool networks and cheap; or the Hessian itself'),
    maxSteps: z.int().min(2).max(200).default(12).describe('most Lanczos steps for one image'),
    tolerance: positive
      .max(1)
      .default(1e-4)
      .describe('relative residual at which an image is done'),
    top: z
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe(
        'how many eigenvalues of each end to store of every image, with operator: hessian; the largest alone if left out',
      ),
    meanHessian: z
      .boolean()
      .optional()
      .describe('also the largest eigenvalue of the mean of the Hessians; not if left out'),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        'published: also the eigenvalue as the code of the paper computes it, over whole batches of 200 images',
      ),
  })
  .refine(({ top, operator }) => top === undefined || operator === 'hessian', {
    path: ['top'],
    message: 'both ends of the spectrum need operator: hessian',
  })
  .refine(twoEndsFit, { path: ['top'], message: twoEndsReason })
  .refine(({ compat, images }) => compat === undefined || images >= publishedBatchSize, {
    path: ['images'],
    message: `compat: published needs a whole batch of ${publishedBatchSize} images`,
  });

const weightSpectrum = z
  .strictObject({
    images: z.int().min(1).describe('how many images, from the first; their mean loss counts'),
    split: z.enum(['train', 'test']).default('train').describe('of which set'),
    points,
    seed: seed.default(1),
    top: z.int().min(1).max(50).default(1).describe('how many eigenvalues of each end'),
    maxSteps: z.int().min(2).max(500).default(60).describe('most Lanczos steps at one t'),
    tolerance: positive
      .max(1)
      .default(1e-3)
      .describe('residual at which an eigenvalue is done, relative to the largest in magnitude'),
    trace: z
      .strictObject({ probes: z.int().min(2).max(10_000).default(16) })
      .optional()
      .describe('estimate the trace from products with random signs; not if left out'),
    density: z
      .strictObject({
        probes: z.int().min(1).max(1000).default(2),
        steps: z.int().min(2).max(500).default(40).describe('Lanczos steps of each probe'),
      })
      .optional()
      .describe('estimate the density of all eigenvalues; not if left out'),
  })
  .refine(twoEndsFit, { path: ['top'], message: twoEndsReason });

const probes = z
  .strictObject({
    count: z.int().min(1).max(1_000_000).describe('how many probes'),
    chain: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .describe('probes in a row, each of which needs the one before it'),
    seed: seed.default(1).describe('another seed makes other runs, with nothing cached'),
    sleepMs: z.int().min(0).max(3_600_000).default(0).describe('how long each one waits'),
    failEvery: z.int().min(1).optional().describe('every so many-th ends as a failure'),
  })
  .describe('runs that compute nothing: to test an installation, and how it bears many runs');

export const experimentSchema = z
  .strictObject({
    name: name.describe('a short name; part of the experiment id'),
    description: z.string().max(2000).default(''),
    dataset: z.enum(datasetNames),
    model: z.enum(modelNames),
    batchNorm: z
      .enum(batchNormSources)
      .optional()
      .describe(
        'statistics of batch norm along a path: re-estimated on the training set at every t (train, if left out), or those of the nearer end (none)',
      ),
    precision: z
      .enum(precisions)
      .optional()
      .describe(
        'of convolutions and matrix products in training, curve fitting and the steps of attacks; whatever is reported is computed in float32 (float32, if left out)',
      ),
    engine: z
      .enum(engines)
      .optional()
      .describe(
        'captured graphs (captured, if left out), or one kernel after the other, for comparison (eager)',
      ),
    endpoints: z.record(entryName, endpoint).default({}),
    curves: z.record(entryName, curve).default({}),
    evaluation: evaluation.prefault({}),
    attacks: z.record(entryName, attack).default({}),
    spectrum: spectrum.optional().describe('curvature in the inputs, along each fitted curve'),
    weightSpectrum: weightSpectrum
      .optional()
      .describe('curvature in the weights, along each fitted curve'),
    probes: probes.optional(),
    execution,
  })
  .refine(({ endpoints, probes }) => probes !== undefined || Object.keys(endpoints).length > 0, {
    path: ['endpoints'],
    message: 'name at least one endpoint',
  });

/** What a sweep left: the axes, for people; the cases, if the experiment is swept as a whole. */
export interface SweepRecord {
  readonly axes: readonly AxisSize[];
  readonly cases?: readonly SweptCase[];
  /** Runs that turned out to be others of the plan, by name. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export type ExperimentConfig = z.output<typeof experimentSchema> & {
  readonly sweep?: SweepRecord;
};
export type EndpointConfig = ExperimentConfig['endpoints'][string];
export type CurveConfig = ExperimentConfig['curves'][string];
export type SpectrumConfig = z.output<typeof spectrum>;
export type WeightSpectrumConfig = z.output<typeof weightSpectrum>;
export type AdversarialConfig = z.output<typeof adversarial>;
export type BatchNormSource = (typeof batchNormSources)[number];
export type ProbesConfig = z.output<typeof probes>;
export type CurveFamily = (typeof curveFamilies)[number];
