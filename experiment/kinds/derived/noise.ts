/** Endpoints with normal noise on every weight: w + N(0, (scale · |w - other|)²). */
import { noiseSeries } from '../../catalogue/series/training.js';
import type { BaseConfig } from '../../config/base.js';
import type { TestCut } from '../../specs/data.js';
import type { Shared } from '../../specs/fields.js';
import { runName } from '../../specs/run-name.js';
import type { Draft } from '../draft.js';
import type { Kind, NoSections } from '../kind.js';
import { cutFields } from '../parts/data.js';
import { endpointNeed } from '../parts/network-needs.js';

export interface NoiseSpec extends Shared {
  readonly kind: 'noise';
  readonly scale: number;
  /** Scored on the evaluation half; absent: on the whole test set. */
  readonly cut?: TestCut;
}

function draft(config: BaseConfig, name: string): Draft<NoiseSpec> | null {
  const { from, noise, seed } = config.endpoints[name]!;
  if (noise === undefined) return null;
  const { dataset, model } = config;
  const { scale, other } = noise;
  return {
    name: runName('endpoint', name),
    summary: `noise on ${from!} as ${name} (${scale} distances to ${other})`,
    needs: [endpointNeed('from', from!), endpointNeed('other', other)],
    spec: { kind: 'noise', dataset, model, seed: seed!, scale, ...cutFields(config) },
  };
}

export const noise: Kind<NoiseSpec, NoSections, 'engine', typeof noiseSeries> = {
  name: 'noise',
  version: 2,
  computedBy: 'engine',
  activity: 'addNoise',
  precision: 'float32',
  sections: {},
  series: noiseSeries,
  prefixes: ['endpoint'],
  plan: { endpoint: draft },
  check: null,
  isChangedBy: () => false,
  work: () => ({ variant: [], amount: 1 }),
};
