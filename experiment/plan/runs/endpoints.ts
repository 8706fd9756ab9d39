/** The run that makes the network of one endpoint. */
import type { ExperimentConfig } from '../../config/experiment.js';
import { endpointKind, type EndpointConfig } from '../../config/endpoint.js';
import type { Need, PlannedRun, RunSpec } from '../../records/runs.js';
import { adversarialSpec } from './adversarial.js';
import { dataLabel, testCut, trainingData } from './data.js';
import { keyed, type Sha256 } from '../keys.js';
import { recipe } from './recipe.js';
import { statisticsOf } from './statistics.js';

/** Runs by the names of their endpoints; of curves, those that fit them. */
export interface Made {
  readonly endpoints: Readonly<Record<string, PlannedRun>>;
  readonly curves: Readonly<Record<string, PlannedRun>>;
}

interface Part {
  readonly spec: RunSpec;
  readonly needs: readonly Need[];
  readonly summary: string;
}

/** What it is made of must have been made. */
export function endpointRun(
  config: ExperimentConfig,
  name: string,
  made: Made,
  sha256: Sha256,
): PlannedRun {
  const part = partOf(config, name, made);
  const named = { name: `endpoint/${name}`, queue: 'gpu', curve: null } as const;
  return keyed(config, { ...named, ...part }, sha256);
}

function partOf(config: ExperimentConfig, name: string, made: Made): Part {
  const endpoint = config.endpoints[name]!;
  const kind = endpointKind(endpoint);
  switch (kind) {
    case 'trained':
      return trained(config, name, endpoint, made);
    case 'injected':
      return injected(config, name, endpoint, made);
    case 'noisy':
      return noisy(config, name, endpoint, made);
    case 'on-curve':
      return onCurve(config, name, endpoint, made);
    default:
      throw new Error(`unknown kind of endpoint ${String(kind satisfies never)}`);
  }
}

function trained(
  config: ExperimentConfig,
  name: string,
  endpoint: EndpointConfig,
  made: Made,
): Part {
  const { dataset, model } = config;
  const { seed, adversarial, spawn, prune, from } = endpoint;
  const how = adversarial ? 'adversarial' : 'regular';
  const start = from === undefined ? '' : ` from ${from}${prune ? ', pruned' : ''}`;
  return {
    summary: `train ${name}${start} (${how} ${model}, seed ${seed!})${dataLabel(endpoint)}`,
    needs: needed('from', from, made.endpoints),
    spec: {
      ...{ kind: 'endpoint', dataset, model, seed: seed!, recipe: recipe(endpoint) },
      adversarial: adversarial ? adversarialSpec(adversarial) : null,
      ...(spawn ? { spawn } : {}),
      ...(prune ? { prune } : {}),
      ...trainingData(config, endpoint),
    },
  };
}

function injected(
  config: ExperimentConfig,
  name: string,
  { from, inject }: EndpointConfig,
  made: Made,
): Part {
  const { dataset, model, injections = {} } = config;
  const { wrong, images } = injections[inject!]!;
  return {
    summary: `inject ${wrong} faults among ${images} images into ${from!} as ${name}`,
    needs: needed('from', from, made.endpoints),
    spec: { kind: 'injection', dataset, model, ...injections[inject!]!, ...cutOf(config) },
  };
}

function noisy(
  config: ExperimentConfig,
  name: string,
  { from, noise, seed }: EndpointConfig,
  made: Made,
): Part {
  const { dataset, model } = config;
  const { scale, other } = noise!;
  return {
    summary: `noise on ${from!} as ${name} (${scale} distances to ${other})`,
    needs: [...needed('from', from, made.endpoints), ...needed('other', other, made.endpoints)],
    spec: { kind: 'noise', dataset, model, seed: seed!, scale, ...cutOf(config) },
  };
}

function onCurve(
  config: ExperimentConfig,
  name: string,
  endpoint: EndpointConfig,
  { endpoints, curves }: Made,
): Part {
  const { dataset, model } = config;
  const { curve, t } = endpoint.onCurve!;
  const { from, to, family, ends } = config.curves[curve]!;
  return {
    summary: `take ${name} from ${curve} at t = ${t}`,
    needs: [
      ...needed('start', from, endpoints),
      ...needed('end', to, endpoints),
      ...needed('curve', curve, curves),
    ],
    spec: {
      ...{ kind: 'curve-point', dataset, model, seed: 0, path: 'curve', family, t: [t] },
      ...statisticsOf(config, config.curves[curve]!),
      ...(ends === 'free' ? { ends } : {}),
      ...cutOf(config),
    },
  };
}

/** Which test images it is scored on, as a part of a specification: what is absent is not in the key. */
function cutOf(config: ExperimentConfig) {
  const cut = testCut(config);
  return cut === null ? {} : { cut };
}

function needed(
  role: Need['role'],
  name: string | undefined,
  runs: Readonly<Record<string, PlannedRun>>,
): Need[] {
  return name === undefined ? [] : [{ role, run: runs[name]!.key }];
}
