/** Configuration to runs: every unit of work with its key, its name and what it needs. */
import canonicalize from 'canonicalize';
import { checkModel } from './check-model.js';
import type { CurveConfig, EndpointConfig, ExperimentConfig } from './config.js';
import { datasets } from './datasets.js';
import { models } from './models.js';
import { UserError } from './errors.js';
import { probeRuns } from './plan-probes.js';
import {
  semanticVersions,
  type Need,
  type PathKind,
  type PlannedRun,
  type RunSpec,
  type TrainingRecipe,
} from './runs.js';

/** sha256 of UTF-8 text as lower-case hex; passed in, so that planning runs anywhere. */
export type Sha256 = (text: string) => string;

export interface Plan {
  /** `<name>-<first 10 digits of the signature>`. */
  readonly id: string;
  readonly name: string;
  /** sha256 of the canonical configuration (RFC 8785) without what cannot change a result. */
  readonly signature: string;
  readonly config: ExperimentConfig;
  /** In an order in which every run comes after what it needs. */
  readonly runs: readonly PlannedRun[];
}

export function planExperiment(config: ExperimentConfig, sha256: Sha256): Plan {
  checkModel(config);
  checkReferences(config);
  const signature = sha256(canonical(significantPart(config)));
  const endpoints = mapValues(config.endpoints, (e, name) => endpointRun(config, name, e, sha256));
  const runs = Object.values(endpoints);
  for (const [name, curve] of sortedEntries(config.curves)) {
    for (const run of curveRuns(config, name, curve, endpoints, sha256)) runs.push(run);
  }
  if (config.probes) {
    for (const run of probeRuns(config.probes, (run) => keyed(run, sha256))) runs.push(run);
  }
  checkSome(runs);
  checkDistinct(runs);
  return {
    id: `${config.name}-${signature.slice(0, 10)}`,
    name: config.name,
    signature,
    config,
    runs,
  };
}

/** Without what cannot change a result. */
function significantPart(config: ExperimentConfig): Partial<ExperimentConfig> {
  const { execution, description, ...significant } = config;
  void [execution, description];
  return significant;
}

function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a configuration must be JSON');
  return text;
}

/** The key names parents by key, not by digest, so that it is known before anything has run. */
function keyed(run: Omit<PlannedRun, 'key'>, sha256: Sha256): PlannedRun {
  const dataset = 'dataset' in run.spec ? datasets[run.spec.dataset].files : null;
  const identity = {
    spec: run.spec,
    needs: run.needs,
    dataset,
    version: semanticVersions[run.spec.kind],
  };
  return { key: sha256(canonical(identity)), ...run };
}

function recipe(config: EndpointConfig | CurveConfig): TrainingRecipe {
  const { epochs, batchSize, learningRate, momentum, weightDecay, dropout, augmentation } = config;
  const always = { epochs, batchSize, learningRate, momentum, weightDecay };
  // What is absent is not in the key: recipes from before there was such a field keep theirs.
  return {
    ...always,
    ...(dropout === undefined ? {} : { dropout }),
    ...(augmentation === undefined ? {} : { augmentation }),
  };
}

function endpointRun(
  config: ExperimentConfig,
  name: string,
  endpoint: EndpointConfig,
  sha256: Sha256,
): PlannedRun {
  const how = endpoint.adversarial ? 'adversarial' : 'regular';
  const spec: RunSpec = {
    kind: 'endpoint',
    dataset: config.dataset,
    model: config.model,
    seed: endpoint.seed,
    recipe: recipe(endpoint),
    adversarial: endpoint.adversarial ?? null,
  };
  const summary = `train ${name} (${how} ${config.model}, seed ${endpoint.seed})`;
  return keyed(
    { name: `endpoint/${name}`, queue: 'gpu', curve: null, summary, needs: [], spec },
    sha256,
  );
}

/** The fit, then every measurement along the fitted path and along the straight line. */
function curveRuns(
  config: ExperimentConfig,
  name: string,
  curve: CurveConfig,
  endpoints: Readonly<Record<string, PlannedRun>>,
  sha256: Sha256,
): PlannedRun[] {
  const ends: Need[] = [
    { role: 'start', run: endpoints[curve.from]!.key },
    { role: 'end', run: endpoints[curve.to]!.key },
  ];
  const { dataset, model } = config;
  const make = (part: Omit<PlannedRun, 'key' | 'curve'>): PlannedRun =>
    keyed({ ...part, curve: name }, sha256);
  const { seed, family, bends } = curve;
  const fit = make({
    name: `curve/${name}`,
    queue: 'gpu',
    summary: `fit ${name} (${family}, ${bends} bend${bends === 1 ? '' : 's'})`,
    needs: ends,
    spec: { kind: 'curve', dataset, model, seed, family, bends, recipe: recipe(curve) },
  });
  const fitted: Need[] = [...ends, { role: 'curve', run: fit.key }];
  const runs = [fit, ...pathRuns(config, name, curve, 'curve', fitted, make)];
  return config.evaluation.straightLine && lineOwner(config, name) === name
    ? [...runs, ...pathRuns(config, name, curve, 'line', ends, make)]
    : runs;
}

/** Curves between the same ends share one straight line: it is named after the first of them. */
export function lineOwner(config: ExperimentConfig, name: string): string {
  const { curves } = config;
  let owners = lineOwners.get(curves);
  if (owners === undefined) lineOwners.set(curves, (owners = findLineOwners(curves)));
  return owners.get(name)!;
}

type Curves = ExperimentConfig['curves'];

/** Found once for all curves of a configuration: a wide sweep has many thousands. */
const lineOwners = new WeakMap<Curves, ReadonlyMap<string, string>>();

function findLineOwners(curves: Curves): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const owners = sortedEntries(curves).map(([name, { from, to, weightDecay }]) => {
    const line = JSON.stringify([from, to, weightDecay]);
    if (!first.has(line)) first.set(line, name);
    return [name, first.get(line)!] as const;
  });
  return new Map(owners);
}

type Make = (part: Omit<PlannedRun, 'key' | 'curve'>) => PlannedRun;

function pathRuns(
  config: ExperimentConfig,
  name: string,
  curve: CurveConfig,
  path: PathKind,
  needs: readonly Need[],
  make: Make,
): PlannedRun[] {
  const { dataset, model } = config;
  const family = path === 'line' ? 'polychain' : curve.family;
  const statistics = models[model].batchNorm ? { batchNorm: config.batchNorm ?? 'train' } : {};
  const at = (points: number) => ({ dataset, model, path, family, t: grid(points), ...statistics });
  const label = path === 'line' ? `${name}/line` : name;
  const where = path === 'line' ? `straight line ${name}` : name;
  const evaluation = make({
    name: `evaluation/${label}`,
    queue: 'gpu',
    summary: `evaluate ${where} at ${config.evaluation.points} points`,
    needs,
    spec: {
      kind: 'evaluation',
      seed: 0,
      weightDecay: curve.weightDecay,
      ...at(config.evaluation.points),
    },
  });
  const measurements = path === 'curve' ? measurementRuns(config, name, needs, make, at) : [];
  const summary = make({
    name: `summary/${label}`,
    queue: 'cpu',
    summary: `summarise ${where}`,
    needs: [
      { role: 'evaluation', run: evaluation.key },
      ...measurements.map((m): Need => ({ role: measurementRole(m), run: m.key })),
    ],
    spec: { kind: 'summary', path },
  });
  return [evaluation, ...measurements, summary];
}

function measurementRole(run: PlannedRun): Need['role'] {
  return run.spec.kind === 'spectrum' ? 'spectrum' : `attack:${run.name.split('/').at(-1)!}`;
}

/** Attacks and the spectrum are measured on fitted paths; the line has its clean evaluation only. */
function measurementRuns(
  config: ExperimentConfig,
  name: string,
  needs: readonly Need[],
  make: Make,
  at: (points: number) => Omit<Extract<RunSpec, { kind: 'attack' }>, 'kind' | 'seed' | AttackField>,
): PlannedRun[] {
  const attacks = sortedEntries(config.attacks).map(([attackName, { points, ...attack }]) =>
    make({
      name: `attack/${name}/${attackName}`,
      queue: 'gpu',
      summary: `attack ${name} with ${attackName} (eps ${attack.epsilon}) at ${points} points`,
      needs,
      spec: { kind: 'attack', ...attack, ...at(points) },
    }),
  );
  if (!config.spectrum) return attacks;
  const { points, ...spectrum } = config.spectrum;
  const run = make({
    name: `spectrum/${name}`,
    queue: 'gpu',
    summary: `top input-Hessian eigenvalue of ${name} at ${points} points`,
    needs,
    spec: { kind: 'spectrum', variable: 'inputs', ...spectrum, ...at(points) },
  });
  return [...attacks, run];
}

type AttackField = 'norm' | 'epsilon' | 'stepSize' | 'steps' | 'randomStart' | 'images';

/** n equally spaced values from 0 to 1. */
export function grid(n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => i / (n - 1));
}

function checkReferences(config: ExperimentConfig): void {
  for (const [name, curve] of Object.entries(config.curves)) {
    for (const end of ['from', 'to'] as const) {
      if (curve[end] in config.endpoints) continue;
      const known = Object.keys(config.endpoints).join(', ') || 'none';
      throw new UserError(
        'bad-input',
        `curves.${name}.${end}: no endpoint is named "${curve[end]}" (there are: ${known})`,
      );
    }
    if (curve.from === curve.to) {
      throw new UserError('bad-input', `curves.${name}: both ends are "${curve.from}"`);
    }
  }
  const { test } = datasets[config.dataset];
  const limited = [
    ...Object.entries(config.attacks).map(([name, a]) => [`attacks.${name}`, a.images] as const),
    ...(config.spectrum ? [['spectrum', config.spectrum.images] as const] : []),
  ];
  for (const [where, images] of limited) {
    if (images > test) {
      throw new UserError(
        'bad-input',
        `${where}.images: ${images} asked for, ${config.dataset} has ${test} test images`,
      );
    }
  }
}

function checkSome(runs: readonly PlannedRun[]): void {
  if (runs.length > 0) return;
  throw new UserError('bad-input', 'endpoints: name at least one endpoint');
}

/** Two names for one unit of work are a slip in the file: a curve between them has no length. */
function checkDistinct(runs: readonly PlannedRun[]): void {
  const names = new Map<string, string>();
  for (const run of runs) {
    const other = names.get(run.key);
    if (other !== undefined) {
      throw new UserError(
        'bad-input',
        `${other} and ${run.name} are the same run; give one another seed or remove it`,
      );
    }
    names.set(run.key, run.name);
  }
}

/** By name, so that the order in the file decides nothing. */
function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  f: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(sortedEntries(record).map(([key, value]) => [key, f(value, key)]));
}
