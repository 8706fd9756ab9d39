/** The runs that measure one path: evaluation, attacks, spectra, and the summary of them all. */
import type { Make } from './make.js';
import type { ExperimentConfig } from '../../config/experiment.js';
import type { CurveConfig } from '../../config/curve.js';
import type { BonafideSet } from '../../records/data.js';
import { datasets } from '../../catalogue/datasets.js';
import type { PathSpec } from '../../records/measurements.js';
import type { Need, PlannedRun, RunSpec } from '../../records/runs.js';
import type { PathKind } from '../../records/spec-fields.js';
import { planAttack } from '../../attacks/plan-attack.js';
import { bonafideSet, measuredBackdoors, testCut } from './data.js';
import { grid } from './grid.js';
import { jointRuns } from './joint.js';
import { sortedEntries } from '../sorted.js';
import { statisticsOf } from './statistics.js';
import { inputSpectrum, weightSpectrum } from './spectra.js';

/** `looked`: the injections that the evaluation looks for. */
export function pathRuns(
  config: ExperimentConfig,
  name: string,
  curve: CurveConfig,
  path: PathKind,
  needs: readonly Need[],
  make: Make,
  looked: readonly Need[],
): PlannedRun[] {
  const { dataset, model } = config;
  const family = path === 'line' ? 'polychain' : curve.family;
  const seen = { ...statisticsOf(config, curve), ...pathParts(config, curve, path) };
  const along = (t: readonly number[]) => ({ dataset, model, path, family, t, ...seen });
  const at = (points: number) => along(grid(points));
  const choosing = path === 'curve' ? validationOf(config, curve) : null;
  const label = path === 'line' ? `${name}/line` : name;
  const where = path === 'line' ? `straight line ${name}` : name;
  const evaluation = make({
    name: `evaluation/${label}`,
    queue: 'gpu',
    summary: `evaluate ${where} at ${config.evaluation.points} points`,
    needs: [...needs, ...looked],
    spec: {
      kind: 'evaluation',
      seed: 0,
      weightDecay: curve.weightDecay,
      ...at(config.evaluation.points),
      ...(choosing ? { validation: choosing } : {}),
      ...measuredBackdoors(config),
    },
  });
  const measurements = path === 'curve' ? measurementRuns(config, name, needs, make, at) : [];
  const summary = make({
    name: `summary/${label}`,
    queue: 'cpu',
    summary: `summarise ${where}`,
    needs: [{ role: 'evaluation', run: evaluation.key }, ...measurements.flatMap(summarised)],
    spec: {
      ...{ kind: 'summary', path },
      ...(choosing ? { choice: { margin: config.bonafide!.margin } } : {}),
    },
  });
  const joint = path === 'curve' ? jointRuns(config, name, needs, make, along) : [];
  return [evaluation, ...measurements, ...joint, summary];
}

/** What is absent is not in the key. */
function pathParts(config: ExperimentConfig, { ends }: CurveConfig, path: PathKind) {
  const cut = testCut(config);
  return {
    ...(cut === null ? {} : { cut }),
    ...(ends === 'free' && path === 'curve' ? { ends } : {}),
  };
}

/** Of which bonafide set some is held out: null where none is. */
function validationOf(config: ExperimentConfig, curve: CurveConfig): BonafideSet | null {
  const set = bonafideSet(config, curve);
  return set !== null && set.validation > 0 ? set : null;
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
  at: (points: number) => At,
): PlannedRun[] {
  const { classes } = datasets[config.dataset];
  const attacks = sortedEntries(config.attacks).map(([attackName, attack]) =>
    make({
      name: `attack/${name}/${attackName}`,
      queue: 'gpu',
      summary: `attack ${name} with ${attackName} (eps ${attack.epsilon}) at ${attack.points} points`,
      needs,
      spec: { kind: 'attack', ...planAttack(attack, { classes }), ...at(attack.points) },
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

/** What every measurement of a path is told. */
type At = PathSpec & Pick<Extract<RunSpec, { kind: 'evaluation' }>, 'dataset' | 'model'>;
