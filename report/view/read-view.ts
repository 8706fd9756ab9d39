/** Reads everything that tables and the report show of one experiment into one plain record. */
import { endpointKind } from '../../experiment/config/endpoint.js';
import type { ExperimentConfig } from '../../experiment/experiment.js';
import { expandCases, type Case } from '../../experiment/plan/cases.js';
import { outOfBoundsWarning } from '../../experiment/records/loss-bound.js';
import { toNumber } from '../../experiment/fraction-text.js';
import { exists } from '../../experiment/records/quantity.js';
import type { MetricRow } from '../../experiment/records/records.js';
import { lineOwner } from '../../experiment/plan/line-owner.js';
import { parseRunName } from '../../experiment/specs/run-name.js';
import { checksWarning, failedChecks } from './failed-checks.js';
import { describeEndpoint } from './describe-endpoint.js';
import { detectionViews } from './detection-views.js';
import type { PathKind } from '../../experiment/specs/fields.js';
import { describeAttack } from '../../experiment/attacks/index.js';
import type { ExperimentRow, ResultsStore, RunRow } from '../../stores/results/results-store.js';

import type {
  Point,
  SeriesMap,
  RunView,
  EndpointView,
  PathView,
  CurveView,
  ExperimentView,
} from './records.js';

export async function readExperimentView(
  store: Pick<ResultsStore, 'runsOf' | 'metricsOf'>,
  experiment: ExperimentRow,
): Promise<ExperimentView> {
  const rows = await store.runsOf(experiment.id);
  const metrics = await store.metricsOf(rows.map((row) => row.run.key));
  const runs = rows.map((row) => runView(row, metrics.get(row.run.key) ?? []));
  const { id, name, signature, state, createdAt, finishedAt, config } = experiment;
  const cases = expandCases(config).map((one) => caseViews(one, runsByName(one, config, runs)));
  return {
    ...{ id, name, signature, state, createdAt, finishedAt, config, runs },
    endpoints: distinct(cases.flatMap(({ endpoints }) => endpoints)),
    curves: distinct(cases.flatMap(({ curves }) => curves)),
  };
}

/** By the name that a run has in its case; a sweep may have given it several. */
type Runs = (name: string) => RunView | undefined;

function runsByName(one: Case, { sweep }: ExperimentConfig, runs: readonly RunView[]): Runs {
  const byName = new Map(runs.map((run) => [run.name, run]));
  return (name) => {
    const full = one.runName(name);
    return byName.get(sweep?.aliases?.[full] ?? full);
  };
}

function caseViews({ config, runName, curveName, wholeCurveName }: Case, runs: Runs) {
  const endpointName = (name: string) => parseRunName(runName(`endpoint/${name}`)).subject;
  const endsOf = ({ from, to }: ExperimentConfig['curves'][string]) =>
    [endpointName(from), endpointName(to)] as const;
  return {
    endpoints: sortedKeys(config.endpoints).map((name) => ({
      ...endpointView(config, name, runs),
      name: endpointName(name),
    })),
    curves: sortedKeys(config.curves).map((name) => ({
      ...curveView(config, name, runs),
      name: curveName(name),
      ends: endsOf(config.curves[name]!),
      swept: wholeCurveName(name),
    })),
  };
}

/** Cases of a sweep share what its axes do not change. */
function distinct<T extends { readonly name: string }>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

/** Runs without a result: what a table or figure lacks. */
export function missingRuns(view: ExperimentView): readonly RunView[] {
  return view.runs.filter((run) => run.state !== 'done');
}

/** Runs whose result needs a word of caution. */
export function doubtfulRuns(view: ExperimentView): readonly RunView[] {
  return view.runs.filter(({ warning }) => warning !== null);
}

function runView(
  { run, state, startedAt, finishedAt, failure, reason, environment, lossOutOfBounds }: RunRow,
  rows: readonly MetricRow[],
): RunView {
  const { name, key, summary, curve, spec } = run;
  const series = groupSeries(rows);
  return {
    ...{ name, key, summary, curve, state, environment },
    kind: spec.kind,
    path: 'path' in spec ? spec.path : null,
    seconds: startedAt && finishedAt ? (finishedAt.getTime() - startedAt.getTime()) / 1000 : null,
    failure: state === 'done' ? null : failure,
    reason: state === 'done' ? null : reason,
    warning: state === 'done' ? lossWarning(lossOutOfBounds, series) : null,
    series,
    absent: rows.filter((row) => !exists(row)),
  };
}

function lossWarning(lossOutOfBounds: number | null, series: SeriesMap): string | null {
  if (lossOutOfBounds !== null) return outOfBoundsWarning(lossOutOfBounds);
  const failures = failedChecks(series);
  return failures.length === 0 ? null : checksWarning(failures);
}

function groupSeries(rows: readonly MetricRow[]): SeriesMap {
  const series: Record<string, Point[]> = {};
  for (const { series: name, ...point } of rows.filter(exists)) (series[name] ??= []).push(point);
  for (const points of Object.values(series)) points.sort((a, b) => a.x - b.x);
  return series;
}

function endpointView(config: ExperimentConfig, name: string, runs: Runs): EndpointView {
  const endpoint = config.endpoints[name]!;
  const { seed = null, adversarial } = endpoint;
  const trained = endpointKind(endpoint) === 'trained';
  const [epochs, steps] = trained
    ? [endpoint.epochs ?? null, endpoint.steps ?? null]
    : [null, null];
  const series = doneSeries(runs, `endpoint/${name}`);
  return {
    ...{ name, seed, epochs, steps, made: describeEndpoint(endpoint) },
    adversarial: adversarial ?? null,
    bonafide: trained ? (endpoint.bonafide ?? null) : null,
    testErrorPercent: lastValue(series['final_test_error']),
    testNll: lastValue(series['final_test_nll']),
    series,
    alone: doneSeries(runs, `evaluation/${name}/alone`),
  };
}

function curveView(
  config: ExperimentConfig,
  name: string,
  runs: Runs,
): Omit<CurveView, 'swept' | 'ends'> {
  const { from, to, family, bends, bonafide = null } = config.curves[name]!;
  const line = config.evaluation.straightLine
    ? pathView('line', `${lineOwner(config, name)}/line`, runs)
    : null;
  const fitted = fittedPath(config, name, runs);
  return { name, from, to, family, bends, bonafide, fitted, line };
}

function fittedPath(config: ExperimentConfig, curve: string, runs: Runs): PathView {
  const path = pathView('curve', curve, runs);
  const summary = doneSeries(runs, `summary/${curve}`);
  const attacks = Object.entries(config.attacks).map(([name, attack]) => {
    const series = doneSeries(runs, `attack/${curve}/${name}`);
    return {
      ...{ name, what: describeAttack(attack), images: attack.images },
      ...{ norm: attack.norm, epsilon: attack.epsilon },
      ...{ series, checks: failedChecks(series) },
      pearson: lastValue(summary[`${name}.pearson`]),
      spearman: lastValue(summary[`${name}.spearman`]),
      correlationPoints: lastValue(summary[`${name}.correlation_points`]),
    };
  });
  const spectrum = config.spectrum
    ? {
        images: config.spectrum.images,
        epsilon: config.spectrum.prediction?.epsilon ?? null,
        series: doneSeries(runs, `spectrum/${curve}`),
      }
    : null;
  const weightSpectrum = config.weightSpectrum
    ? {
        images: config.weightSpectrum.images,
        split: config.weightSpectrum.split,
        series: doneSeries(runs, `weight-spectrum/${curve}`),
      }
    : null;
  const [transfer, ensemble] = [
    transferView(config, curve, runs),
    ensembleView(config, curve, runs),
  ];
  const strongest = familyOf('strongest_error', doneSeries(runs, `strongest/${curve}`));
  const convergence = convergenceView(config, curve, runs);
  const certificates = certificateViews(config, curve, runs);
  const detections = detectionViews(config, (name) =>
    doneSeries(runs, `detection/${curve}/${name}`),
  );
  const analyses = { strongest, convergence, certificates, transfer, ensemble, detections };
  return { ...path, attacks, spectrum, weightSpectrum, ...analyses };
}

function convergenceView({ convergence, attacks }: ExperimentConfig, curve: string, runs: Runs) {
  if (!convergence) return null;
  const { attack, steps, starts, images = attacks[attack]!.images } = convergence;
  const series = doneSeries(runs, `convergence/${curve}`);
  return { attack, steps, starts, images, series, checks: failedChecks(series) };
}

function certificateViews({ certificates = {} }: ExperimentConfig, curve: string, runs: Runs) {
  return Object.entries(certificates).map(([name, { images, methods, epsilons }]) => ({
    ...{ name, images, methods, epsilons: epsilons.map(toNumber) },
    series: doneSeries(runs, `certificate/${curve}/${name}`),
  }));
}

function transferView({ transfer, attacks }: ExperimentConfig, curve: string, runs: Runs) {
  if (!transfer) return null;
  const { attack, images = attacks[attack]!.images } = transfer;
  const places = Object.entries(doneSeries(runs, `transfer/${curve}`)).flatMap(([name, points]) => {
    const [series, crafted] = name.split('@');
    return series === 'transfer_error' ? [[Number(crafted), points] as const] : [];
  });
  return { attack, images, errors: new Map(places.sort(([a], [b]) => a - b)) };
}

function ensembleView({ ensemble }: ExperimentConfig, curve: string, runs: Runs) {
  if (!ensemble) return null;
  const { images, attack = null, compat } = ensemble;
  const series = doneSeries(runs, `ensemble/${curve}`);
  return { images, attack, published: compat === 'published', series };
}

function pathView(kind: PathKind, label: string, runs: Runs): PathView {
  const evaluation = doneSeries(runs, `evaluation/${label}`);
  const summary = doneSeries(runs, `summary/${label}`);
  const statistics = Object.fromEntries(
    Object.entries(summary).flatMap(([name, points]) => points.map(({ value }) => [name, value])),
  );
  return {
    ...{ kind, evaluation, statistics },
    ...{ attacks: [], strongest: {}, convergence: null, certificates: [] },
    spectrum: null,
    weightSpectrum: null,
    ...{ transfer: null, ensemble: null, detections: [] },
    length: lastValue(evaluation['arc_length']),
  };
}

/** The members of a family of series. */
function familyOf(family: string, series: SeriesMap): SeriesMap {
  const members = Object.entries(series).filter(([name]) => name.split(':')[0] === family);
  return Object.fromEntries(members);
}

/** Half a run's metrics are no result: only what a finished run measured is shown. */
function doneSeries(runs: Runs, name: string): SeriesMap {
  const run = runs(name);
  return run?.state === 'done' ? run.series : {};
}

function lastValue(points: readonly Point[] | undefined): number | null {
  return points?.at(-1)?.value ?? null;
}

function sortedKeys(record: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(record).sort();
}
