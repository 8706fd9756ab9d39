/** What identifies a run: everything that decides its result, and nothing else. */
import { canonicalShared } from '../canonical.js';
import type { ExperimentConfig } from '../config.js';
import { datasets } from '../datasets.js';
import { semanticVersions, type PlannedRun, type RunKind, type RunSpec } from '../runs.js';

/** sha256 of UTF-8 text as lower-case hex; passed in, so that planning runs anywhere. */
export type Sha256 = (text: string) => string;

/** The key names parents by key, not by digest, so that it is known before anything has run. */
export function keyed(
  config: ExperimentConfig,
  planned: Omit<PlannedRun, 'key'>,
  sha256: Sha256,
): PlannedRun {
  const run = { ...planned, spec: withNumerics(config, planned.spec) };
  const dataset = 'dataset' in run.spec ? datasets[run.spec.dataset].files : null;
  const identity = {
    spec: run.spec,
    needs: run.needs,
    dataset,
    version: semanticVersions[run.spec.kind],
  };
  return { key: sha256(canonicalShared(identity)), ...run };
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
