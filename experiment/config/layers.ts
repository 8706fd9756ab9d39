/** Layers of a user's network as an experiment file writes them, and their records. */
import { z } from 'zod';
import {
  implicitActivations,
  type Initialisation,
  type LayerRecord,
} from '../catalogue/models/layer-records.js';

const count = z.int().min(1).max(100_000);
const pixels = z.int().min(1).max(1000);
export const weightName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]*(\.[a-zA-Z0-9_-]+)*$/, 'use letters, digits, "_", "-" and "."')
  .max(60);
const named = weightName
  .optional()
  .describe('name of its weights (default: its kind and number, such as conv1)');
const initialisations = ['he-normal', 'fan-out-normal', 'fan-in-uniform'] as const;
const initial = z
  .enum(initialisations satisfies readonly Initialisation[])
  .default('he-normal')
  .describe("initial weights: N(0, 2 / fan-in), N(0, 2 / fan-out), or PyTorch's default");

const pool = z.strictObject({
  size: pixels.describe('windows of size x size pixels'),
  stride: pixels.optional().describe('pixels between windows (default: size)'),
});

const channels = z.array(z.number()).min(1).max(1000);

/** Fields of each kind of layer that has some; residual blocks hold layers and stand apart. */
export const layerFields = {
  conv: z.strictObject({
    name: named,
    filters: count.describe('output channels'),
    size: pixels.describe('kernels of size x size pixels'),
    stride: pixels.default(1),
    padding: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe('zeros on each side (default (size - 1) / 2, which needs an odd size)'),
    bias: z.boolean().default(true),
    initial,
  }),
  dense: z.strictObject({
    name: named,
    units: z
      .union([count, z.literal('classes')], { error: 'give a number, or classes' })
      .describe('outputs; classes: as many as the data set has'),
    initial,
  }),
  'batch-norm': z.strictObject({
    name: named,
    momentum: z
      .number()
      .gt(0)
      .max(1)
      .default(0.1)
      .describe('weight of the newest batch in the running statistics'),
  }),
  'max-pool': pool,
  'avg-pool': pool,
  'leaky-relu': z.strictObject({
    slope: z.number().default(0.01).describe('factor of negative values'),
  }),
  implicit: z.strictObject({
    name: named,
    units: count.describe('outputs, of which each depends on all others'),
    activation: z.enum(implicitActivations).default('relu'),
    m: z
      .number()
      .min(-100)
      .lt(1)
      .default(0)
      .describe('bound of the matrix measure of the coupling; below 1 there is one fixed point'),
    iterations: z
      .int()
      .min(1)
      .max(1000)
      .default(50)
      .describe('steps of the averaged iteration, forward and backward each'),
    compat: z
      .literal('published')
      .optional()
      .describe('gradients of one backward pass, as in the published code (default: exact)'),
  }),
  scale: z.strictObject({
    factor: z.number().positive().describe('of every pixel; epsilon stays in pixels of [0,1]'),
  }),
  normalise: z.strictObject({
    mean: channels.describe('of each channel, or one of all, for pixels in [0,1]'),
    std: z.array(z.number().positive()).min(1).max(1000).describe('of each channel, or one of all'),
  }),
} as const;

export type FieldsKind = keyof typeof layerFields;

/** The field that a bare value stands for: `dense: 10`, `max-pool: 2`. */
export const shortFields: Readonly<Partial<Record<FieldsKind, string>>> = {
  dense: 'units',
  'max-pool': 'size',
  'avg-pool': 'size',
  'leaky-relu': 'slope',
  implicit: 'units',
  scale: 'factor',
};

/** Layers without fields. */
export const plainKinds = [
  'relu',
  'softplus',
  'tanh',
  'flatten',
  'dropout',
  'global-avg-pool',
] as const;

/** Those that may be written by their name alone. */
export const bareKinds = [...plainKinds, 'leaky-relu', 'batch-norm'] as const;

export const residualSchema = z.strictObject({
  name: named,
  body: z.array(z.unknown()).min(1).describe('layers whose output is added to the shortcut'),
  shortcut: z.array(z.unknown()).optional().describe('layers (default: none, the identity)'),
});

const initialRecord = z.enum(initialisations);
const recordName = z.string().min(1);
const poolRecord = { size: pixels, stride: pixels };

/** Layers as a plan holds them. */
export const layerRecord: z.ZodType<LayerRecord> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({
      ...{ kind: z.literal('convolution'), name: recordName, filters: count, size: pixels },
      ...{ stride: pixels.optional(), padding: z.int().min(0).optional() },
      ...{ bias: z.boolean().optional(), initial: initialRecord },
    }),
    z.strictObject({
      ...{ kind: z.literal('dense'), name: recordName, initial: initialRecord },
      units: z.union([count, z.literal('classes')]),
    }),
    z.strictObject({
      ...{ kind: z.literal('batch-norm'), name: recordName, momentum: z.number().optional() },
    }),
    z.strictObject({ kind: z.literal('max-pool'), ...poolRecord }),
    z.strictObject({ kind: z.literal('average-pool'), ...poolRecord }),
    z.strictObject({ kind: z.literal('normalise'), mean: channels, deviation: channels }),
    z.strictObject({ kind: z.literal('leaky-relu'), slope: z.number().optional() }),
    z.strictObject({
      ...{ kind: z.literal('implicit'), name: recordName, units: count },
      ...{ activation: z.enum(implicitActivations).optional(), m: z.number().lt(1).optional() },
      ...{ iterations: count.optional(), compat: z.literal('published').optional() },
    }),
    z.strictObject({
      ...{ kind: z.literal('residual'), name: recordName, branch: z.array(layerRecord) },
      shortcut: z.array(layerRecord).optional(),
    }),
    z.strictObject({
      kind: z.enum(['relu', 'softplus', 'tanh', 'flatten', 'dropout', 'global-average-pool']),
    }),
  ]),
);
