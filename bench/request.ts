/** Requests to a measuring process: one JSON object per line, answered by one line. */
import { z } from 'zod';
import { datasetNames } from '../experiment/catalogue/datasets.js';
import { engineDimensions } from './scale/dimensions.js';

export const modelNames = ['cnn-small', 'vgg16', 'preresnet26'] as const;
export type BenchModel = (typeof modelNames)[number];

/** Networks whose steps are timed. */
const timedModels = [...modelNames, 'nemon'] as const;
export type TimedModel = (typeof timedModels)[number];

export const precisions = ['float32', 'bfloat16'] as const;
export type Precision = (typeof precisions)[number];

export const ownWorks = [
  'training-step',
  'certified-step',
  'forward',
  'pgd-step',
  'pgd-10',
  'weight-product',
  'weight-product-kept',
  'input-product',
  'input-product-kept',
  'eigenvalues-lanczos',
  'eigenvalues-closed-form',
] as const;
export type OwnWork = (typeof ownWorks)[number];

/** Name of the row that it is compared with, if different. */
export type PeerWork = OwnWork | 'eigenvalues-power';

const timing = z.strictObject({
  command: z.literal('time'),
  work: z.enum(ownWorks),
  model: z.enum(timedModels),
  precision: z.enum(precisions),
  /** File with weights and images. */
  inputs: z.string(),
  /** Calls before the first sample; also what is compiled on first use falls into them. */
  warm: z.int().min(0),
  /** Samples. */
  repeat: z.int().min(1),
  /** Calls of a sample; it is their mean. */
  calls: z.int().min(1),
});
export type Timing = Readonly<z.infer<typeof timing>>;

const attackSteps = z.strictObject({
  command: z.literal('attack-steps'),
  model: z.enum(modelNames),
  inputs: z.string(),
  images: z.int().min(1),
  steps: z.int().min(1),
});
export type AttackSteps = Readonly<z.infer<typeof attackSteps>>;

export const attackStepsResult = z.strictObject({
  /** Native calls of one attack. */
  calls: z.int(),
  /** Preparation time of the first attack that later ones do not have. */
  prepareSeconds: z.number(),
  attackSeconds: z.number(),
  /** Peak of the process over what it held before. */
  memoryMb: z.number(),
});
export type AttackStepsResult = Readonly<z.infer<typeof attackStepsResult>>;

const recordRequest = z.strictObject({
  command: z.literal('record'),
  work: z.enum(ownWorks),
  model: z.enum(modelNames),
  precision: z.enum(precisions),
  inputs: z.string(),
  /** Folder that graphs, calls and their inputs go to. */
  folder: z.string(),
});
export type RecordRequest = Readonly<z.infer<typeof recordRequest>>;

/** Native calls of one unit. */
export const recording = z.strictObject({ calls: z.int() });
export type Recording = Readonly<z.infer<typeof recording>>;

/** A convolution of 128 images of side x side, kernels of 3 x 3. */
const layer = z.strictObject({
  side: z.int().min(1),
  channels: z.int().min(1),
  out: z.int().min(1),
});
export type Layer = Readonly<z.infer<typeof layer>>;

/** Milliseconds of every call, by form. */
export const convolutionTimes = z.record(z.string(), z.array(z.number()));
export type ConvolutionTimes = z.infer<typeof convolutionTimes>;

const scaleRequest = z.strictObject({
  command: z.literal('scale'),
  dimension: z.enum(engineDimensions),
  inputs: z.string(),
  size: z.int().min(1),
  samples: z.int().min(1),
});
export type ScaleRequest = Readonly<z.infer<typeof scaleRequest>>;

export const scaleResult = z.strictObject({
  /** In the unit of the dimension. */
  size: z.number(),
  /** The first time: primitives are compiled, sessions loaded. */
  firstSeconds: z.number(),
  seconds: z.array(z.number()),
  /** Peak of the process that computed it. */
  peakMb: z.number(),
});
export type ScaleResult = Readonly<z.infer<typeof scaleResult>>;

const productPrecisions = ['float32', 'tf32'] as const;

/** An operation of the engine's own check against float64; null: something was no number. */
export const operationChecks = z.array(
  z.object({
    name: z.string(),
    error: z.number().nullable(),
    tolerance: z.number(),
    ok: z.boolean(),
  }),
);

/** Results to compare in float64; passes: logits and input gradients. */
export const exactnessParts = [
  'passes',
  'attack',
  'curve',
  'weight-product',
  'input-product',
  'eigenvalues',
] as const;
export type ExactnessPart = (typeof exactnessParts)[number];

const exactnessRequest = z.strictObject({
  command: z.literal('exactness'),
  model: z.enum(modelNames),
  precision: z.enum(precisions),
  inputs: z.string(),
  parts: z.array(z.enum(exactnessParts)),
  /** File that the results go to. */
  results: z.string(),
});

const digestRequest = z.strictObject({
  command: z.literal('digest'),
  model: z.enum(modelNames),
  precision: z.enum(precisions),
  inputs: z.string(),
  /** Training steps. */
  steps: z.int().min(1),
});

const endpointRequest = z.strictObject({
  command: z.literal('endpoint'),
  model: z.enum(modelNames),
  precision: z.enum(precisions),
  dataset: z.enum(datasetNames),
  dataDir: z.string(),
  /** For data, preparation and as many epochs as fit. */
  seconds: z.number().positive(),
});
export type EndpointRequest = Readonly<z.infer<typeof endpointRequest>>;

/** A line that is no answer: one epoch of an endpoint, when it is over. */
export const epochLine = z.strictObject({
  epoch: z.int(),
  epochs: z.int(),
  /** Since the first step. */
  seconds: z.number(),
  /** Mean loss of its batches. */
  trainingLoss: z.number(),
  testNll: z.number(),
  /** Per cent. */
  testError: z.number(),
});
export type EpochLine = Readonly<z.infer<typeof epochLine>>;

export const request = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('about') }),
  /** Card, loaded libraries, switches; null where the CPU computes. */
  z.strictObject({ command: z.literal('gpu') }),
  z.strictObject({ command: z.literal('operations'), precision: z.enum(productPrecisions) }),
  /** Fastest matrix product, operations per second. */
  z.strictObject({ command: z.literal('peak'), precision: z.enum(precisions) }),
  timing,
  z.strictObject({
    command: z.literal('convolutions'),
    precision: z.enum(precisions),
    layer,
    rounds: z.int().min(1),
  }),
  attackSteps,
  scaleRequest,
  recordRequest,
  z.strictObject({
    command: z.literal('inputs'),
    model: z.enum(timedModels),
    inputs: z.string(),
  }),
  exactnessRequest,
  digestRequest,
  endpointRequest,
]);
export type Request = Readonly<z.infer<typeof request>>;

export const reply = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ failed: z.string() }),
]);

/** The two variants of a PyTorch script. */
export const variants = ['plain', 'tuned'] as const;
export type Variant = (typeof variants)[number];
