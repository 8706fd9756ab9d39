/** Configuration to runs: every unit of work with its key, its name and what it needs. */
import { canonical } from '../canonical.js';
import type { ExperimentConfig } from '../experiment.js';
import { kinds } from '../kinds/index.js';
import { significantModel } from '../catalogue/models/index.js';
import { significantDataset } from '../catalogue/own-dataset.js';
import { allInNumbers } from '../in-numbers.js';
import type { PlannedRun } from '../records/runs.js';
import { expandCases } from './cases.js';
import { checkData } from './checks/data.js';
import { checkModel } from './checks/model.js';
import { checkReferences } from './checks/references.js';
import { checkSize } from './checks/size.js';
import type { Sha256 } from './keys.js';
import { mergeCases } from './merge-cases.js';
import { planRuns } from './plan-runs.js';

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
  const all = expandCases(config);
  checkSize(all.map((one) => one.config));
  const cases = all.map((one) => [one, checkedRuns(one.config, sha256)] as const);
  const { runs, aliases } = mergeCases(cases);
  const signature = experimentSignature(config, sha256);
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

/** The runs of one case, after all checks: each comes after what it needs. */
function checkedRuns(config: ExperimentConfig, sha256: Sha256): readonly PlannedRun[] {
  checkModel(config);
  checkData(config);
  checkReferences(config);
  for (const { check } of checkedKinds) check?.(config);
  return planRuns(config, sha256);
}

interface CheckedKind {
  readonly check: ((config: ExperimentConfig) => void) | null;
}
const checkedKinds: readonly CheckedKind[] = Object.values(kinds);

/** The order of the cases decides nothing. */
function experimentSignature(config: ExperimentConfig, sha256: Sha256): string {
  const cases = expandCases(config).map((one) => canonical(significantPart(one.config)));
  if (!config.sweep?.cases) return sha256(cases[0]!);
  const labels = config.sweep.cases.map(({ at, as }) => canonical({ at, as }));
  return sha256(canonical(cases.map((text, i) => [labels[i]!, sha256(text)].join(' ')).sort()));
}

/** Without what cannot change a result, nor in which form a pixel quantity is written, nor a user's name for data or a network. */
function significantPart(config: ExperimentConfig): unknown {
  const { execution, description, sweep, ...significant } = config;
  void [execution, description, sweep];
  const [dataset, model] = [significantDataset(config.dataset), significantModel(config.model)];
  return allInNumbers({ ...significant, dataset, model });
}
