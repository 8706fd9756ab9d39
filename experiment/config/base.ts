/** Fields of an experiment file that runs of several kinds go by; fields of one kind alone stand in kinds/. */
import { z } from 'zod';
import { attack } from '../attacks/index.js';
import { backdoor } from './backdoor.js';
import { bonafide } from './bonafide.js';
import { curve } from './curve.js';
import { dataset } from './dataset.js';
import { endpoint } from './endpoint.js';
import { evaluation } from './evaluation.js';
import { entryName, name } from './fields.js';
import { injection } from './injection.js';
import { model } from './model.js';

/**
 * `train`: a pass over the training set at every t; `bonafide`: over the bonafide set of the curve; `none`: those of
 * the nearer end, as trained.
 */
const batchNormSources = ['train', 'bonafide', 'none'] as const;
export type BatchNormSource = (typeof batchNormSources)[number];
const precisions = ['float32', 'bfloat16', 'tf32'] as const;
const engines = ['captured', 'eager'] as const;

/** Data, model and numerics: they can change the result of every run. */
const general = {
  dataset,
  model,
  batchNorm: z
    .enum(batchNormSources)
    .optional()
    .describe(
      'batch-norm statistics along a path: re-estimated at every t on the training set (train) or on the bonafide images that the curve is fitted to (bonafide), or those of the nearer end (none); default bonafide for curves fitted to such images, train for others',
    ),
  batchNormImages: z
    .int()
    .min(2)
    .optional()
    .describe(
      'the first images of the training set (or bonafide set), at most, on which batch-norm statistics along a path are estimated (default all)',
    ),
  precision: z
    .enum(precisions)
    .optional()
    .describe(
      'of convolutions and matrix products in training, curve fitting and attacks. bfloat16: reported values are computed in float32 all the same. tf32 (GPU only): also of what training and attacks report; evaluations and spectra are computed in float32 (default float32)',
    ),
  engine: z
    .enum(engines)
    .optional()
    .describe('captured graphs, or one kernel at a time for comparison: eager (default captured)'),
  bonafide: bonafide.optional(),
  backdoors: z
    .record(name, backdoor)
    .optional()
    .describe('backdoors that poison training data; their success is measured along every path'),
};

/** Endpoints and curves, and what they are made with. */
export const networks = {
  endpoints: z.record(entryName, endpoint).default({}),
  curves: z.record(entryName, curve).default({}),
  injections: z
    .record(name, injection)
    .optional()
    .describe('faults to inject into endpoints (fault sneaking)'),
};

/** Measurements whose settings other kinds of run refer to. */
export const measurements = {
  evaluation: evaluation.prefault({}),
  attacks: z.record(entryName, attack).default({}),
};

export const base = { ...general, ...networks, ...measurements };

export type BaseConfig = z.output<z.ZodObject<typeof base>>;
