/** Configuration to runs: every unit of work with its key, its name and what it needs. */
import { canonical, canonicalShared } from './canonical.js';
import { casesOf } from './cases.js';
import { checkModel } from './check-model.js';
import { checkReferences } from './check-references.js';
import type { CurveConfig, EndpointConfig, ExperimentConfig } from './config.js';
import { datasets } from './datasets.js';
import { lineOwner } from './line-owner.js';
import { mergeCases } from './merge-cases.js';
import { models } from './models.js';
import { probeRuns } from './plan-probes.js';
import {
  semanticVersions,
  type Need,
  type PathKind,
  type PlannedRun,
  type RunKey,
  type RunKind,
  type RunSpec,
  type TrainingRecipe,
} from './runs.js';
import { inputSpectrum, weightSpectrum } from './spectra.js';

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
  const cases = casesOf(config).map((one) => [one, plainRuns(one.config, sha256)] as const);
  const { runs, aliases } = mergeCases(cases);
  const signature = signatureOf(config, sha256);
  const { sweep } = config;
  const aliased = sweep && Object.keys(aliases).length > 0 ? { ...sweep, aliases } : sweep;
  return {
    id: `${config.name}-${signature.slice(0, 10)}`,
    name: config.name,
    signature,
    config: aliased ? { ...config, sweep: aliased } : config,
    runs,
  };
}

/** Of one case: each run comes after what it needs. */
function plainRuns(config: ExperimentConfig, sha256: Sha256): readonly PlannedRun[] {
  checkModel(config);
  checkReferences(config);
  const endpoints = mapValues(config.endpoints, (e, name) => endpointRun(config, name, e, sha256));
  const runs = Object.values(endpoints);
  for (const [name, curve] of sortedEntries(config.curves)) {
    for (const run of curveRuns(config, name, curve, endpoints, sha256)) runs.push(run);
  }
  if (config.probes) {
    for (const run of probeRuns(config.probes, (run) => keyed(config, run, sha256))) runs.push(run);
  }
  return runs;
}

/** The order of the cases decides nothing. */
function signatureOf(config: ExperimentConfig, sha256: Sha256): string {
  const cases = casesOf(config).map((one) => canonical(significantPart(one.config)));
  if (!config.sweep?.cases) return sha256(cases[0]!);
  const labels = config.sweep.cases.map(({ at, as }) => canonical({ at, as }));
  return sha256(canonical(cases.map((text, i) => [labels[i]!, sha256(text)].join(' ')).sort()));
}

/** Without what cannot change a result. */
function significantPart(config: ExperimentConfig): Partial<ExperimentConfig> {
  const { execution, description, sweep, ...significant } = config;
  void [execution, description, sweep];
  return significant;
}

/** The key names parents by key, not by digest, so that it is known before anything has run. */
function keyed(
  config: ExperimentConfig,
  planned: Omit<PlannedRun, 'key'>,
  sha256: Sha256,
): PlannedRun {
  const run = { ...planned, spec: withNumerics(config, planned.spec) };
  const { spec, needs } = run;
  return { key: keyOf(spec, needs, semanticVersions[spec.kind], sha256), ...run };
}

/** Of everything that decides the result of a run. */
export function keyOf(
  spec: RunSpec,
  needs: readonly Need[],
  version: number,
  sha256: Sha256,
): RunKey {
  const dataset = 'dataset' in spec ? datasets[spec.dataset].files : null;
  return sha256(canonicalShared({ spec, needs, dataset, version }));
}

/** Of the keys and names of its runs, in order: tells whether stored rows are those of this plan. */
export function digestOfRuns({ runs }: Pick<Plan, 'runs'>, sha256: Sha256): string {
  return sha256(runs.map(({ key, name }) => `${key} ${name}\n`).join(''));
}

/** Kinds of runs in which the precision matters; the others report what they compute, in float32. */
const lowerable: ReadonlySet<RunKind> = new Set(['endpoint', 'curve', 'attack']);

function withNumerics({ precision, engine }: ExperimentConfig, spec: RunSpec): RunSpec {
  if (!('dataset' in spec)) return spec;
  return {
    ...spec,
    ...(precision === 'bfloat16' && lowerable.has(spec.kind) ? { precision } : {}),
    ...(engine === 'eager' ? { engine } : {}),
  };
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
    config,
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
    keyed(config, { ...part, curve: name }, sha256);
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
    needs: [{ role: 'evaluation', run: evaluation.key }, ...measurements.flatMap(summarised)],
    spec: { kind: 'summary', path },
  });
  return [evaluation, ...measurements, summary];
}

/** Attacks and the curvature in the inputs; the summary of a path says how the two go together. */
function summarised({ name, key, spec }: PlannedRun): Need[] {
  if (spec.kind !== 'spectrum') return [{ role: `attack:${name.split('/').at(-1)!}`, run: key }];
  return spec.variable === 'inputs' ? [{ role: 'spectrum', run: key }] : [];
}

/** Attacks and spectra are measured on fitted paths; the line has its clean evaluation only. */
function measurementRuns(
  config: ExperimentConfig,
  name: string,
  needs: readonly Need[],
  make: Make,
  at: (points: number) => Omit<Extract<RunSpec, { kind: 'attack' }>, 'kind' | 'seed' | AttackField>,
): PlannedRun[] {
  const attacks = sortedEntries(config.attacks).map(
    ([attackName, { points, restarts = 1, ...attack }]) =>
      make({
        name: `attack/${name}/${attackName}`,
        queue: 'gpu',
        summary: `attack ${name} with ${attackName} (eps ${attack.epsilon}) at ${points} points`,
        needs,
        spec: {
          ...{ kind: 'attack', ...attack, ...at(points) },
          ...(restarts === 1 ? {} : { restarts }),
        },
      }),
  );
  const spectrum = (label: string, what: string, spec: SpectrumPart, points: number) =>
    make({
      name: `${label}/${name}`,
      queue: 'gpu',
      summary: `${what} of ${name} at ${points} points`,
      needs,
      spec: { ...spec, ...at(points) },
    });
  const { spectrum: ofInputs, weightSpectrum: ofWeights } = config;
  const spectra: PlannedRun[] = [];
  if (ofInputs) {
    const what = 'top input-Hessian eigenvalue';
    spectra.push(spectrum('spectrum', what, inputSpectrum(ofInputs), ofInputs.points));
  }
  if (ofWeights) {
    const what = 'weight-Hessian spectrum';
    spectra.push(spectrum('weight-spectrum', what, weightSpectrum(ofWeights), ofWeights.points));
  }
  return [...attacks, ...spectra];
}

type SpectrumPart = ReturnType<typeof inputSpectrum> | ReturnType<typeof weightSpectrum>;

type AttackField =
  'norm' | 'epsilon' | 'stepSize' | 'steps' | 'randomStart' | 'restarts' | 'images';

const grids = new Map<number, readonly number[]>();

/** n equally spaced values from 0 to 1. */
export function grid(n: number): readonly number[] {
  const known = grids.get(n) ?? Array.from({ length: n }, (_, i) => i / (n - 1));
  grids.set(n, known);
  return known;
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
