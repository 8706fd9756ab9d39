/** Runs of one configuration: each kind drafts its own; here they get their order, their needs and their keys. */
import type { ExperimentConfig } from '../experiment.js';
import type { Draft, DraftNeed, PathScope } from '../kinds/draft.js';
import { kinds, type RunSpec } from '../kinds/index.js';
import type { Plans } from '../kinds/kind.js';
import type { Need, PlannedRun, RunKey } from '../records/runs.js';
import { acceptedNames, formatRunName } from '../specs/run-name.js';
import { keyed, queueFor, type Sha256 } from './keys.js';
import { lineOwner } from './line-owner.js';
import { inDependencyOrder } from './order.js';
import { pathScope } from './path-scope.js';

const plans: readonly Partial<Plans<RunSpec, ExperimentConfig>>[] = Object.values(kinds).map(
  ({ plan }) => plan,
);

/** In an order in which every run comes after what it needs. */
export function planRuns(config: ExperimentConfig, sha256: Sha256): readonly PlannedRun[] {
  const runs: PlannedRun[] = [];
  const add = createAdd(config, sha256, runs);
  for (const { section, name } of inDependencyOrder(config)) {
    if (section === 'endpoints') add(null, endpointDrafts(config, name));
    else for (const drafts of curveDrafts(config, name)) add(name, drafts);
  }
  for (const name of measuredAlone(config)) {
    for (const { alone } of plans) if (alone) add(null, [alone(config, name)]);
  }
  for (const { experiment } of plans) if (experiment) add(null, experiment(config));
  return runs;
}

type Drafts = readonly Draft<RunSpec>[];

function endpointDrafts(config: ExperimentConfig, name: string): Drafts {
  return plans.flatMap(({ endpoint }) => endpoint?.(config, name) ?? []);
}

/** The fit, then every measurement along the fitted path and along the straight line. */
function* curveDrafts(config: ExperimentConfig, name: string): Generator<Drafts> {
  yield plans.flatMap(({ curve }) => curve?.(config, name) ?? []);
  yield* pathDrafts(pathScope(config, name, 'curve'), config, 'fitted');
  if (!config.evaluation.straightLine || lineOwner(config, name) !== name) return;
  yield* pathDrafts(pathScope(config, name, 'line'), config, 'line');
}

function* pathDrafts(
  scope: PathScope,
  config: ExperimentConfig,
  stage: 'fitted' | 'line',
): Generator<Drafts> {
  const measured: DraftNeed[] = [];
  for (const plan of plans) {
    const drafts = plan[stage]?.(config, { ...scope, measured: [...measured] }) ?? [];
    yield drafts;
    for (const { name, summarisedAs: role } of drafts) if (role) measured.push({ role, name });
  }
}

/** The endpoints that `evaluation.endpoints` means; a name stands for all that a sweep made of it. */
function measuredAlone({ evaluation, endpoints }: ExperimentConfig): readonly string[] {
  const asked = new Set(evaluation.endpoints ?? []);
  return Object.keys(endpoints)
    .filter((name) => acceptedNames(name).some((one) => asked.has(one)))
    .sort();
}

type Add = (curve: string | null, drafts: Drafts) => void;

function createAdd(config: ExperimentConfig, sha256: Sha256, runs: PlannedRun[]): Add {
  const keys = new Map<string, RunKey>();
  // Measurements of one path share the list of their needs: it is resolved once, and its canonical text made once.
  const resolved = new Map<readonly DraftNeed[], readonly Need[]>();
  const resolve = (needs: readonly DraftNeed[]): readonly Need[] => {
    const known = resolved.get(needs);
    if (known) return known;
    const found = needs.map(({ role, name }) => ({ role, run: keys.get(formatRunName(name))! }));
    resolved.set(needs, found);
    return found;
  };
  return (curve, drafts) => {
    for (const { name, summary, needs, spec } of drafts) {
      const text = formatRunName(name);
      const queue = queueFor(spec.kind);
      const part = { name: text, queue, curve, summary, needs: resolve(needs), spec };
      const run = keyed(config, part, sha256);
      keys.set(text, run.key);
      runs.push(run);
    }
  };
}
