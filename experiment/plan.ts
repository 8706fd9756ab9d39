/** Configuration to runs: every unit of work with its key, its name and what it needs. */
import { canonical } from './canonical.js';
import { casesOf } from './cases.js';
import type { ExperimentConfig } from './config.js';
import { checkData } from './plan/check-data.js';
import { checkModel } from './plan/check-model.js';
import { checkReferences } from './plan/check-references.js';
import { curveRuns } from './plan/curves.js';
import { endpointRun } from './plan/endpoints.js';
import { keyed, type Sha256 } from './plan/keys.js';
import { mergeCases } from './plan/merge-cases.js';
import { probeRuns } from './plan/probes.js';
import { mapValues, sortedEntries } from './plan/sorted.js';
import type { PlannedRun } from './runs.js';

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
  checkData(config);
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
