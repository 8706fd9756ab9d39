/** Endpoints that are imported: what of the weights is in their keys, and two that are one. */
import { expect, test } from 'vitest';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { noUserData } from '../../../experiment/file/user-data.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import { sha256 } from '../../stores/results/plans.js';

const weights = (name: string, digest: string) => ({ name, digest: digest.repeat(32), bytes: 9 });

/** Both endpoints of the file, with these weights. */
function plan(digests: readonly [string, string]) {
  const [p, q] = digests.map((digest, i) => weights(`${i}.safetensors`, digest));
  const text = `name: x
dataset: mnist
model: mlp
endpoints:
  P: { import: p.safetensors, layout: pytorch }
  Q: { import: q.safetensors, layout: tensorflow }
`;
  const imports = new Map([['P', p!] as const, ['Q', q!] as const]);
  const user = { ...noUserData, imports };
  return planExperiment(parseExperimentWith(text, 'x.yaml', [], undefined, user), sha256);
}

test('other weights are another run', () => {
  const [p, q] = plan(['ab', 'cd']).runs;
  expect(p!.key).not.toBe(q!.key);
});

test('the same weights under two names are refused in one line', () => {
  expect(() => plan(['ab', 'ab'])).toThrow(
    'endpoint/P and endpoint/Q are the same run; make them differ (another seed, other weights) or remove one',
  );
});
