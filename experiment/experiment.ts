/** The experiment file: names, defaults, ranges and units of its fields, of all kinds of run together. */
import { z } from 'zod';
import { base } from './config/base.js';
import { execution } from './config/execution.js';
import { name } from './config/fields.js';
import { kindSections } from './kinds/index.js';
import type { AxisSize } from './sweep/expand.js';
import type { SweptCase } from './sweep/swept-case.js';

export const experimentSchema = z
  .strictObject({
    name: name.describe('short name; part of the experiment id'),
    description: z.string().max(2000).default(''),
    ...base,
    ...kindSections,
    execution,
  })
  .refine(
    ({ endpoints, probes, twoLayer }) =>
      (probes ?? twoLayer) !== undefined || Object.keys(endpoints).length > 0,
    { path: ['endpoints'], message: 'name at least one endpoint' },
  );

/** Record of a sweep: its axes, for people, and its cases if the experiment is swept as a whole. */
export interface SweepRecord {
  readonly axes: readonly AxisSize[];
  readonly cases?: readonly SweptCase[];
  /** Full labels of entries, by the shortened ones of their names. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Other names of runs, each with the name that the plan has for it. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export type ExperimentConfig = z.output<typeof experimentSchema> & {
  readonly sweep?: SweepRecord;
};
