/** Probes: runs that compute nothing; they test an installation, and how the orchestrator copes with many runs. */
import { z } from 'zod';
import { probeSeries } from '../catalogue/series/probe.js';
import { seed } from '../config/fields.js';
import { commonActivity } from '../specs/activity.js';
import { runName } from '../specs/run-name.js';
import type { Draft } from './draft.js';
import type { ConfigWith, Kind } from './kind.js';

export interface ProbeSpec {
  readonly kind: 'probe';
  readonly seed: number;
  readonly index: number;
  readonly sleepMs: number;
  /** Ends as a failure, to see what that does to the others. */
  readonly fails: boolean;
}

const sections = {
  probes: z
    .strictObject({
      count: z.int().min(1).max(200_000).describe('number of probes'),
      chain: z
        .int()
        .min(1)
        .max(200_000)
        .default(1)
        .describe('probes in a row, each of which needs the one before it'),
      seed: seed.default(1).describe('another seed makes other runs, with nothing cached'),
      sleepMs: z.int().min(0).max(3_600_000).default(0).describe('duration of each probe'),
      failEvery: z.int().min(1).optional().describe('every n-th probe fails (default: none)'),
    })
    .describe('runs that compute nothing: to test an installation, and how it copes with many runs')
    .optional(),
};

/** In the order of their numbers, in which each comes after the one that it needs. */
function experiment({ probes }: ConfigWith<typeof sections>): readonly Draft<ProbeSpec>[] {
  if (!probes) return [];
  const { count, chain, seed, sleepMs, failEvery } = probes;
  const digits = String(count - 1).length;
  const name = (index: number) => runName('probe', String(index).padStart(digits, '0'));
  return Array.from({ length: count }, (_, index) => ({
    name: name(index),
    summary: `probe ${index}`,
    needs: index % chain === 0 ? [] : [{ role: 'probe', name: name(index - 1) }],
    spec: {
      ...{ kind: 'probe', seed, index, sleepMs },
      fails: failEvery !== undefined && (index + 1) % failEvery === 0,
    },
  }));
}

export const probe: Kind<ProbeSpec, typeof sections, 'worker', typeof probeSeries> = {
  name: 'probe',
  version: 1,
  computedBy: 'worker',
  activity: commonActivity,
  precision: 'float32',
  sections,
  series: probeSeries,
  prefixes: ['probe'],
  plan: { experiment },
  check: null,
  isChangedBy: ({ section }) => section === 'probes',
  work: () => ({ variant: [], amount: 1 }),
};
