/** Configuration to runs: every unit of work with its key, its name and what it needs. */
import { canonical } from '../canonical.js';
import { casesOf } from './cases.js';
import type { ExperimentConfig } from '../config/experiment.js';
import { aloneRun, measuredAlone } from './runs/alone.js';
import { checkAttacks } from '../attacks/check-attacks.js';
import { checkData } from './checks/data.js';
import { checkEndpoints } from './checks/endpoints.js';
import { checkModel } from './checks/model.js';
import { checkReferences } from './checks/references.js';
import { checkPruning } from './checks/pruning.js';
import { checkSize } from './checks/size.js';
import { curveRuns } from './runs/curves.js';
import { endpointRun } from './runs/endpoints.js';
import { allInNumbers } from '../in-numbers.js';
import { keyed, type Sha256 } from './keys.js';
import { mergeCases } from './merge-cases.js';
import { inDependencyOrder } from './order.js';
import { probeRuns } from './runs/probes.js';
import type { PlannedRun } from '../records/runs.js';

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
  const all = casesOf(config);
  checkSize(all.map((one) => one.config));
  const cases = all.map((one) => [one, plainRuns(one.config, sha256)] as const);
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
  checkAttacks(config);
  checkEndpoints(config);
  checkPruning(config);
  const runs = networkRuns(config, sha256);
  if (config.probes) {
    for (const run of probeRuns(config.probes, (run) => keyed(config, run, sha256))) runs.push(run);
  }
  return runs;
}

/** Endpoints and curves in dependency order, each curve with what is measured along it; then endpoints alone. */
function networkRuns(config: ExperimentConfig, sha256: Sha256): PlannedRun[] {
  const endpoints: Record<string, PlannedRun> = {};
  const curves: Record<string, PlannedRun> = {};
  const runs: PlannedRun[] = [];
  for (const { section, name } of inDependencyOrder(config)) {
    if (section === 'endpoints') {
      const run = endpointRun(config, name, { endpoints, curves }, sha256);
      endpoints[name] = run;
      runs.push(run);
    } else {
      const ofCurve = curveRuns(config, name, config.curves[name]!, endpoints, sha256);
      curves[name] = ofCurve[0]!;
      for (const run of ofCurve) runs.push(run);
    }
  }
  for (const name of measuredAlone(config)) runs.push(aloneRun(config, name, endpoints, sha256));
  return runs;
}

/** The order of the cases decides nothing. */
function signatureOf(config: ExperimentConfig, sha256: Sha256): string {
  const cases = casesOf(config).map((one) => canonical(significantPart(one.config)));
  if (!config.sweep?.cases) return sha256(cases[0]!);
  const labels = config.sweep.cases.map(({ at, as }) => canonical({ at, as }));
  return sha256(canonical(cases.map((text, i) => [labels[i]!, sha256(text)].join(' ')).sort()));
}

/** Without what cannot change a result, nor in which form a pixel quantity is written. */
function significantPart(config: ExperimentConfig): unknown {
  const { execution, description, sweep, ...significant } = config;
  void [execution, description, sweep];
  return allInNumbers(significant);
}
