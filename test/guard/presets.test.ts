/**
 * Every preset's run keys: a change here throws away what users have computed, since a run is found by its key.
 * `GUARD_UPDATE=1 npx vitest run test/guard` writes the golden files anew; say in the commit which keys changed and why.
 */
import { expect, test } from 'vitest';
import { planFile, presetNames } from '../../cli/experiment-file.js';
import type { PlannedRun } from '../../experiment/runs.js';
import { goldenSections, sha256, type Sections } from './golden.js';

const found: Sections = new Map(presetNames().map((name) => [name, presetLines(name)]));
const golden = goldenSections('presets.golden.txt', found);

test.each([...found])('the plan of preset %s is as before', (name, lines) => {
  expect(lines).toEqual(golden.get(name));
});

test('no preset is gone', () => {
  expect([...found.keys()]).toEqual([...golden.keys()]);
});

/** The plan, then each run: key, digest of all that is recorded of it, name. */
function presetLines(preset: string): readonly string[] {
  const plan = planFile(preset, []);
  const digest = sha256(JSON.stringify(plan.config));
  return [
    `plan ${plan.id} signature ${plan.signature} config ${digest} runs ${plan.runs.length}`,
    ...plan.runs.map((run) => `${run.key} ${recordDigest(run)} ${run.name}`),
  ];
}

/** First 16 digits: the key already tells whether results change, this whether their description does. */
function recordDigest({ spec, needs, queue, curve, summary }: PlannedRun): string {
  return sha256(JSON.stringify({ spec, needs, queue, curve, summary })).slice(0, 16);
}
