/** Keys of runs: sha256 of everything that decides a result, and of nothing else. */
import { canonicalShared } from '../canonical.js';
import { datasets } from '../catalogue/datasets.js';
import { significantModel } from '../catalogue/models/index.js';
import { significantDataset } from '../catalogue/own-dataset.js';
import type { BaseConfig } from '../config/base.js';
import { kinds, type RunKind, type RunSpec } from '../kinds/index.js';
import type { Need, PlannedRun, RunKey, WorkQueue } from '../records/runs.js';

/** sha256 of UTF-8 text as lower-case hex; passed in, so that planning runs anywhere. */
export type Sha256 = (text: string) => string;

/** The key names parents by key, not by digest, so that it is known before anything has run. */
export function keyed(
  config: BaseConfig,
  planned: Omit<PlannedRun, 'key'>,
  sha256: Sha256,
): PlannedRun {
  const run = { ...planned, spec: withNumerics(config, planned.spec) };
  const { spec, needs } = run;
  return { key: runKey(spec, needs, kinds[spec.kind].version, sha256), ...run };
}

/** sha256 of everything that decides the result of a run. */
export function runKey(
  spec: RunSpec,
  needs: readonly Need[],
  version: number,
  sha256: Sha256,
): RunKey {
  return sha256(canonicalShared({ ...specAndFiles(spec), needs, version }));
}

/** A data set of the catalogue with the digests of its published files, a user's with that of its contents; networks likewise. */
function specAndFiles(spec: RunSpec): { readonly spec: unknown; readonly dataset: unknown } {
  if (!('dataset' in spec)) return { spec, dataset: null };
  const { dataset } = spec;
  const model = significantModel(spec.model);
  const significant = { ...spec, dataset: significantDataset(dataset), model };
  const files = typeof dataset === 'string' ? datasets[dataset].files : null;
  return { spec: significant, dataset: files };
}

/** sha256 of the keys and names of planned runs, in order: whether stored rows are those of this plan. */
export function digestOfRuns(
  { runs }: { readonly runs: readonly PlannedRun[] },
  sha256: Sha256,
): string {
  return sha256(runs.map(({ key, name }) => `${key} ${name}\n`).join(''));
}

/** Whose workers take runs of this kind. */
export function queueFor(kind: RunKind): WorkQueue {
  return kinds[kind].computedBy === 'engine' ? 'gpu' : 'cpu';
}

function withNumerics({ precision, engine }: BaseConfig, spec: RunSpec): RunSpec {
  if (!('dataset' in spec)) return spec;
  const asConfigured = kinds[spec.kind].precision === 'as-configured';
  const isLower = precision === 'bfloat16' || precision === 'tf32';
  return {
    ...spec,
    ...(isLower && asConfigured ? { precision } : {}),
    ...(engine === 'eager' ? { engine } : {}),
  };
}
