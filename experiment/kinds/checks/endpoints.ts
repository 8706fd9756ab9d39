/** Refuses fields without effect: training of an endpoint that is not trained, a spawn after the last step. */
import type { BaseConfig } from '../../config/base.js';
import {
  endpoint,
  endpointKind,
  type EndpointConfig,
  type EndpointKind,
} from '../../config/endpoint.js';
import { describeDataset } from '../../catalogue/own-dataset.js';
import { UserError } from '../../errors.js';

/** Fields of endpoints that are not trained. */
const meaningful: Readonly<Record<Exclude<EndpointKind, 'trained'>, readonly string[]>> = {
  injected: ['from', 'inject'],
  noisy: ['from', 'noise', 'seed'],
  'on-curve': ['onCurve'],
  imported: ['layout', 'import'],
};

const untouched = endpoint.parse({ seed: 0 });

export function checkEndpoints(config: BaseConfig): void {
  for (const [name, one] of Object.entries(config.endpoints)) {
    const kind = endpointKind(one);
    if (kind === 'trained') checkSpawn(config, name, one);
    else checkFields(name, one, meaningful[kind]);
  }
}

/** Fields with a default are there whether they were written or not: a default changes nothing. */
function checkFields(name: string, one: EndpointConfig, known: readonly string[]): void {
  for (const [field, value] of Object.entries(one)) {
    if (known.includes(field) || value === undefined) continue;
    const standard = (untouched as Readonly<Record<string, unknown>>)[field];
    if (field !== 'seed' && JSON.stringify(value) === JSON.stringify(standard)) continue;
    const why = `an endpoint with ${known.includes('seed') ? 'noise' : known.at(-1)!} is not trained`;
    throw new UserError('bad-input', `endpoints.${name}.${field}: ${why}; leave it out`);
  }
}

function checkSpawn(config: BaseConfig, name: string, one: EndpointConfig): void {
  if (one.spawn === undefined) return;
  const perEpoch = Math.ceil((one.images ?? describeDataset(config.dataset).train) / one.batchSize);
  const steps = one.steps ?? one.epochs! * perEpoch;
  if (one.spawn.step < steps) return;
  throw new UserError(
    'bad-input',
    `endpoints.${name}.spawn.step: its training has ${steps} steps; spawn before the last`,
  );
}
