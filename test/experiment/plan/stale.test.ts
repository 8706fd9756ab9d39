/** What is said of a result that a plan would compute otherwise now. */
import { expect, test } from 'vitest';
import { experimentSchema } from '../../../experiment/experiment.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import { runKey } from '../../../experiment/plan/keys.js';
import type { PlannedRun, RunKey } from '../../../experiment/records/runs.js';
import { semanticVersions } from '../../../experiment/kinds/index.js';
import { whyStale, type FormerRun } from '../../../experiment/plan/stale.js';
import { sha256 } from '../../stores/results/plans.js';

function planOf(change: object = {}): Plan {
  const config = {
    ...{ name: 'p', dataset: 'mnist', model: 'cnn-small' },
    endpoints: { A: { seed: 1 }, B: { seed: 2, epochs: 2 }, C: { seed: 3 } },
    curves: { 'A-B': { from: 'A', to: 'B' } },
  };
  return planExperiment(experimentSchema.parse({ ...config, ...change }), sha256);
}

const named = ({ runs }: Plan, name: string): PlannedRun => runs.find((run) => run.name === name)!;

function former(plan: Plan, name: string, change: Partial<FormerRun> = {}): FormerRun {
  const { key, spec, needs } = named(plan, name);
  const nameOf = (of: RunKey) => plan.runs.find((run) => run.key === of)!.name;
  const version = semanticVersions[spec.kind];
  const from = needs.map((need) => ({ ...need, name: nameOf(need.run) }));
  return { key, name, spec, version, needs: from, ...change };
}

function why(now: Plan, name: string, before: FormerRun, stale: readonly string[] = []): string {
  const parentOf = (key: RunKey) => {
    const parent = now.runs.find((run) => run.key === key)!.name;
    return { name: parent, stale: stale.includes(parent) };
  };
  return whyStale(named(now, name), before, parentOf, sha256);
}

const other = planOf({
  endpoints: { A: { seed: 1 }, B: { seed: 2, epochs: 3 }, C: { seed: 3 } },
});

test('a field of the spec that differs is named with both values', () => {
  const longer = planOf({ endpoints: { A: { seed: 1 }, B: { seed: 2, epochs: 3 } } });
  expect(why(longer, 'endpoint/B', former(planOf(), 'endpoint/B'))).toBe('spec: epochs 2 → 3');
});

test('a semantic version that was raised is named, and one that was not recorded', () => {
  const plan = planOf();
  const { spec, needs } = named(plan, 'endpoint/A');
  const now = semanticVersions.endpoint;
  const older = { key: runKey(spec, needs, now - 1, sha256), version: now - 1 };
  expect(why(plan, 'endpoint/A', former(plan, 'endpoint/A', older))).toBe(
    `semantic version ${now - 1}, now ${now}`,
  );
  const unknown = former(plan, 'endpoint/A', { key: 'x', version: null });
  expect(why(plan, 'endpoint/A', unknown)).toBe(`semantic version not recorded, now ${now}`);
});

test('other files of the data set are told by the key alone', () => {
  const plan = planOf();
  const before = former(plan, 'endpoint/A', { key: sha256('the key with other digests in it') });
  expect(why(plan, 'endpoint/A', before)).toBe('data set mnist: other files');
});

test('a need that is stale makes what needs it stale, and is named', () => {
  const before = former(planOf(), 'curve/A-B');
  expect(why(other, 'curve/A-B', before, ['endpoint/B'])).toBe('needs endpoint/B, which is stale');
  expect(why(other, 'curve/A-B', before)).toBe('needs endpoint/B, which is another now');
});

test('another end of a curve is named instead of the former one', () => {
  const moved = planOf({ curves: { 'A-B': { from: 'A', to: 'C' } } });
  const text = why(moved, 'curve/A-B', former(planOf(), 'curve/A-B'));
  expect(text).toBe('needs endpoint/C instead of endpoint/B');
});

test('of many changes the first three are told', () => {
  const text = why(
    planOf({
      endpoints: { A: { seed: 9, epochs: 7, batchSize: 5, momentum: 0, learningRate: 1 } },
      curves: {},
    }),
    'endpoint/A',
    former(planOf(), 'endpoint/A'),
  );
  expect(text).toMatch(/^spec: seed 1 → 9, epochs \d+ → 7, batchSize \d+ → 5 and 2 more$/);
});
