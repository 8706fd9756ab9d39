/** What an experiment file may say: the one place with names, defaults, ranges and units. */
import { z } from 'zod';
import type { SweptCase } from '../sweep/swept-case.js';
import { attack } from './attack.js';
import { backdoor } from './backdoor.js';
import { bonafide } from './bonafide.js';
import { curve } from './curve.js';
import { endpoint } from './endpoint.js';
import { ensemble } from './ensemble.js';
import { evaluation } from './evaluation.js';
import { execution } from './execution.js';
import { entryName, name } from './fields.js';
import { injection } from './injection.js';
import { probes } from './probes.js';
import { spectrum, weightSpectrum } from './spectrum.js';
import { transfer } from './transfer.js';
import { datasetNames } from '../catalogue/datasets.js';
import { modelNames } from '../catalogue/models/index.js';
import type { AxisSize } from '../sweep/expand.js';

/**
 * `train`: a pass over the training set at every t; `bonafide`: over the bonafide set of the curve; `none`: those of
 * the nearer end, as trained.
 */
export const batchNormSources = ['train', 'bonafide', 'none'] as const;
export const precisions = ['float32', 'bfloat16'] as const;
export const engines = ['captured', 'eager'] as const;
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
        'statistics of batch norm along a path: re-estimated at every t, on the training set (train) or on the bonafide images that the curve is fitted on (bonafide), or those of the nearer end (none); if left out bonafide for curves that are fitted on such images, train for others',
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
    bonafide: bonafide.optional(),
    backdoors: z
      .record(name, backdoor)
      .optional()
      .describe('what poisons training data, and whose success is measured along every path'),
    endpoints: z.record(entryName, endpoint).default({}),
    curves: z.record(entryName, curve).default({}),
    injections: z
      .record(name, injection)
      .optional()
      .describe('faults that endpoints can be given (fault sneaking)'),
    evaluation: evaluation.prefault({}),
    attacks: z.record(entryName, attack).default({}),
    spectrum: spectrum.optional().describe('curvature in the inputs, along each fitted curve'),
    weightSpectrum: weightSpectrum
      .optional()
      .describe('curvature in the weights, along each fitted curve'),
    transfer: transfer
      .optional()
      .describe('craft an attack at each t of each fitted curve, and try it at every other'),
    ensemble: ensemble
      .optional()
      .describe('the mean output of the networks at several t of each fitted curve'),
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
  /** Whole labels of entries, by the shortened ones of their names. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Runs that turned out to be others of the plan, by name. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export type ExperimentConfig = z.output<typeof experimentSchema> & {
  readonly sweep?: SweepRecord;
};
export type BatchNormSource = (typeof batchNormSources)[number];
