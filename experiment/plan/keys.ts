/** What identifies a run: everything that decides its result, and nothing else. */
import { canonicalShared } from '../canonical.js';
import type { ExperimentConfig } from '../config/experiment.js';
import { datasets } from '../catalogue/datasets.js';
import {
  semanticVersions,
  type Need,
  type PlannedRun,
  type RunKey,
  type RunKind,
  type RunSpec,
} from '../records/runs.js';

/** sha256 of UTF-8 text as lower-case hex; passed in, so that planning runs anywhere. */
export type Sha256 = (text: string) => string;

/** The key names parents by key, not by digest, so that it is known before anything has run. */
export function keyed(
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

/** Of the keys and names of planned runs, in order: tells whether stored rows are those of this plan. */
export function digestOfRuns(
  { runs }: { readonly runs: readonly PlannedRun[] },
  sha256: Sha256,
): string {
  return sha256(runs.map(({ key, name }) => `${key} ${name}\n`).join(''));
}

/** Kinds of runs in which the precision matters; the others report what they compute, in float32. */
const lowerable: ReadonlySet<RunKind> = new Set([
  ...(['endpoint', 'curve'] as const),
  ...(['attack', 'transfer', 'ensemble'] as const),
]);

function withNumerics({ precision, engine }: ExperimentConfig, spec: RunSpec): RunSpec {
  if (!('dataset' in spec)) return spec;
  return {
    ...spec,
    ...(precision === 'bfloat16' && lowerable.has(spec.kind) ? { precision } : {}),
    ...(engine === 'eager' ? { engine } : {}),
  };
}
