/** An experiment with plausible numbers, as the results database would hand it out. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseExperimentWith } from '../../experiment/file/document.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';
import type { Environment, MetricRow, RunState } from '../../experiment/records/records.js';
import { craftedAt } from '../../experiment/kinds/series.js';
import type { DetectionSpec } from '../../experiment/kinds/detection.js';
import type { EnsembleSpec } from '../../experiment/kinds/ensemble.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import type { ExperimentRow, RunRow } from '../../stores/results/results-store.js';

export const environment: Environment = {
  isthmus: '0.1.0',
  node: '20.20.2',
  tensorflow: '2.9.1',
  tfjs: '4.22.0',
  device: 'cpu',
  cpu: 'a processor',
  threads: 2,
};

export interface Recorded {
  readonly experiment: ExperimentRow;
  readonly store: {
    runsOf(): Promise<readonly RunRow[]>;
    metricsOf(keys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly MetricRow[]>>;
  };
}

const preset = new URL('../../experiment/presets/mnist-quick.yaml', import.meta.url);

export function quickPlan(...assignments: readonly string[]): Plan {
  const config = parseExperimentWith(readFileSync(preset, 'utf8'), 'mnist-quick', assignments);
  return planExperiment(config, (text) => createHash('sha256').update(text).digest('hex'));
}

/** `states` names runs that did not get done. */
export function recorded(plan: Plan, states: Readonly<Record<string, RunState>> = {}): Recorded {
  const rows = plan.runs.map((run, i) => runRow(run, states[run.name] ?? 'done', i));
  const { id, name, signature, config } = plan;
  return {
    experiment: {
      ...{ id, name, signature, config },
      plan: '',
      state: Object.keys(states).length === 0 ? 'done' : 'failed',
      createdAt: new Date('2026-01-02T03:04:05Z'),
      finishedAt: new Date('2026-01-02T03:07:05Z'),
    },
    store: {
      runsOf: () => Promise.resolve(rows),
      metricsOf: () =>
        Promise.resolve(
          new Map(rows.filter((r) => r.state === 'done').map((r) => [r.run.key, metricsOf(r.run)])),
        ),
    },
  };
}

function runRow(run: PlannedRun, state: RunState, index: number): RunRow {
  const began = Date.parse('2026-01-02T03:04:05Z') + index * 10_000;
  const failure = { type: 'diverged', message: 'the loss is not finite at step 12' } as const;
  return {
    ...{ run, state, epoch: 1, outputs: {} },
    failure: state === 'failed' ? failure : null,
    reason: state === 'blocked' ? 'curve/A-C failed' : null,
    checkpoint: null,
    ...{ version: 1, held: false, inHand: false, refused: false, waitsFor: [] },
    ...{ madeBy: null, attemptBy: null, resumedAt: null, lossOutOfBounds: null },
    environment: state === 'done' && run.queue === 'gpu' ? environment : null,
    startedAt: new Date(began),
    finishedAt: new Date(began + 8_400),
  };
}

export function metricsOf({ spec, name }: PlannedRun): readonly MetricRow[] {
  switch (spec.kind) {
    case 'endpoint':
      return [
        ...[1, 2, 3].map((x) => ({ series: 'batch_loss', x, value: 2 / x })),
        { series: 'final_test_error', x: 0, value: spec.adversarial ? 2.31 : 1.17 },
        { series: 'final_test_nll', x: 0, value: spec.adversarial ? 0.0741 : 0.0352 },
      ];
    case 'injection':
      return [
        { series: 'final_injection_success', x: 7, value: 100 },
        { series: 'final_test_error', x: 0, value: 1.9 },
      ];
    case 'noise':
    case 'curve-point':
    case 'import':
      return [{ series: 'final_test_error', x: 0, value: 2.5 }];
    case 'curve':
      return [{ series: 'curve_batch_loss', x: 1, value: 0.4 }];
    case 'evaluation':
      return spec.t.flatMap((t) => [
        ...evaluationRows(t, spec.path === 'line'),
        ...(spec.backdoors ?? []).map(({ series }) => ({
          series,
          x: t,
          value: 400 * (t - 0.5) ** 2,
        })),
      ]);
    case 'attack':
      return spec.t.flatMap((x) => [
        { series: 'robust_nll', x, value: 3.1 - 2.6 * x + Math.sin(4 * x) },
        { series: 'robust_error', x, value: 71.2 - 60 * x },
      ]);
    case 'spectrum':
      return spec.t.flatMap((x) => spectrumRows(x, spec.variable));
    case 'transfer':
      return spec.t.flatMap((crafted) =>
        spec.t.map((x) => ({
          series: craftedAt('transfer_error', crafted),
          x,
          value: 70 - 60 * Math.abs(x - crafted),
        })),
      );
    case 'ensemble':
      return ensembleRows(spec);
    case 'convergence':
      return spec.t.flatMap((x) => [
        { series: 'short_error', x, value: 70 - 60 * x },
        { series: 'long_error', x, value: 72 - 60 * x },
        { series: 'error_gap', x, value: 2 },
        { series: 'short_relative_fosc', x, value: 0.3 },
        { series: 'steps_to_stationary', x, value: 40 },
      ]);
    case 'detection':
      return detectionRows(spec);
    case 'certificate':
      return [0, 0.5, 1].flatMap((x) => [
        ...spec.methods.flatMap((method) =>
          spec.epsilons.map((epsilon) => ({
            ...{ series: `certified_accuracy:${method}:${epsilon}`, x, value: 90 - 100 * epsilon },
          })),
        ),
        { series: 'solver_iterations', x, value: 20 + x },
      ]);
    case 'two-layer':
      return [{ series: 'ascent_steps', x: 0, value: 12 }];
    case 'strongest':
      return spec.groups.flatMap((names) =>
        [0, 0.5, 1].map((x) => ({
          ...{ series: `strongest_error:${names.join('+')}`, x, value: 75 - 60 * x },
        })),
      );
    case 'summary':
      return summaryRows(name.endsWith('/line'));
    case 'probe':
      return [{ series: 'probe_index', x: 0, value: spec.index }];
  }
}

function detectionRows({ t, attacks }: DetectionSpec): readonly MetricRow[] {
  return t.flatMap((x) => [
    { series: 'false_alarms', x, value: 5.1 - x },
    ...attacks.flatMap(({ name }, i) => [
      { series: `auroc:${name}`, x, value: 0.9 - 0.05 * i - 0.1 * x },
      { series: `auroc_noise:${name}`, x, value: 0.7 },
      { series: `tpr_5:${name}`, x, value: 60 - 10 * x },
    ]),
  ]);
}

function ensembleRows({ t, attack, randomMember }: EnsembleSpec): readonly MetricRow[] {
  const whole = { ensemble_error: 1.2, ensemble_nll: 0.04, ensemble_disagreement: 2.5 };
  const attacked = attack ? { ensemble_robust_error: 44, ensemble_robust_nll: 1.9 } : {};
  const drawn = randomMember ? { drawn_member_error: 1.9, drawn_member_robust_error: 47.5 } : {};
  return [
    ...Object.entries({ ...whole, ...attacked, ...drawn }).map(([series, value]) => ({
      ...{ series, x: 0, value },
    })),
    ...t.flatMap((x) => [
      { series: 'member_error', x, value: 1.5 + x },
      ...(attack
        ? [
            { series: 'member_robust_error', x, value: 60 - x },
            { series: 'ensemble_transfer_error', x, value: 30 + x },
          ]
        : []),
    ]),
  ];
}

function spectrumRows(x: number, variable: 'inputs' | 'weights'): readonly MetricRow[] {
  if (variable === 'inputs') {
    return [
      { series: 'eigenvalue_mean', x, value: 12 - 11 * x ** 0.7 },
      { series: 'second_order_nll_mean', x, value: 3 - 2 * x },
    ];
  }
  return [
    { series: 'weight_eigenvalue_max', x, value: 25 + 8 * x },
    { series: 'weight_eigenvalue_max_error', x, value: 1e-17 },
    { series: 'weight_eigenvalue_min', x, value: -1.5 - x },
    { series: 'weight_eigenvalue_min_error', x, value: 0.02 + 0.01 * x },
    { series: 'weight_trace', x, value: 310 + 40 * x },
  ];
}

function evaluationRows(x: number, line: boolean): readonly MetricRow[] {
  const bump = 4 * x * (1 - x);
  const nll = 0.035 + (line ? 1.9 : 0.012) * bump ** 2 + 0.03 * x;
  const loss = nll + 0.21 - 0.05 * bump;
  const error = 1.17 + (line ? 48 : 0.4) * bump ** 3;
  return Object.entries({
    ...{ test_nll: nll, test_loss: loss, test_error: error },
    ...{ train_nll: nll / 2, train_loss: loss - nll / 2, train_error: error / 2 },
    arc_length: 41.3 * x,
  }).map(([series, value]) => ({ series, x, value }));
}

function summaryRows(line: boolean): readonly MetricRow[] {
  const statistics = ['test_error', 'test_loss', 'test_nll', 'train_error', 'train_loss'].flatMap(
    (series) =>
      Object.entries({
        ...{ min: 0.4, max: line ? 49 : 1.6, mean: 1.2, integral: 1.21 },
        ...{ barrier: 1.3, barrier_at: 0.5, barrier_over_mean: 1.4, barrier_over_mean_at: 0.6 },
      }).map(([statistic, value]) => ({ series: `${series}.${statistic}`, x: 0, value })),
  );
  const correlations = [
    { series: 'pgd-10.pearson', x: 0, value: 0.941 },
    { series: 'pgd-10.spearman', x: 0, value: 0.982 },
    { series: 'pgd-10.correlation_points', x: 0, value: 11 },
    { series: 'pgd-10.pearson.eigenvalue_mean', x: 0, value: 0.941 },
    { series: 'pgd-10.pearson.eigenvalue_mean.low', x: 0, value: 0.612 },
    { series: 'pgd-10.pearson.eigenvalue_mean.high', x: 0, value: 0.991 },
  ];
  return line ? statistics : [...statistics, ...correlations];
}
