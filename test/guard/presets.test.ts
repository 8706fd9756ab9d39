/**
 * Every preset's run keys: a change here throws away what users have computed, since a run is found by its key.
 * `GUARD_UPDATE=1 npx vitest run test/guard/presets` updates the golden file; say in the commit which keys changed and why.
 */
import { afterAll, expect, test } from 'vitest';
import { planFile, presetNames } from '../../cli/experiments/experiment-file.js';
import type { PlannedRun } from '../../experiment/records/runs.js';
import { openGolden, sha256 } from './golden.js';

const golden = openGolden('presets.golden.txt', presetNames());
afterAll(() => golden.close());

test.each(presetNames())('the plan of preset %s is as before', async (name) => {
  const lines = await presetLines(name);
  expect(lines).toEqual(golden.expected(name, lines));
});

test('no preset is gone', () => {
  expect(presetNames()).toEqual(golden.names);
});

/** The plan, then each run: key, digest of all that is recorded of it, name. */
async function presetLines(preset: string): Promise<readonly string[]> {
  const plan = await planFile(preset, []);
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
