// Endpoints in the words of tables.
import { expect, test } from 'vitest';
import { endpoint } from '../../experiment/config/endpoint.js';
import { describeEndpoint } from '../../report/view/describe-endpoint.js';

test.each([
  [{}, 'regular'],
  [{ adversarial: { epsilon: 0.1, stepSize: 0.02, steps: 5 } }, 'PGD ε 0.1, 5 steps'],
  [
    { adversarial: { method: 'trades', epsilon: '8/255', stepSize: '2/255', steps: 7 } },
    'TRADES ε 8/255, 7 steps',
  ],
  [{ adversarial: { method: 'fast', epsilon: '8/255' } }, 'fast FGSM ε 8/255'],
  [{ certified: { epsilon: '8/255' } }, 'certified ε 8/255'],
  [
    { adversarial: { method: 'trade-off', epsilon: 0.1, stepSize: 0.02, steps: 5 } },
    'trade-off, PGD ε 0.1, 5 steps',
  ],
  [{ quantisation: { scheme: 'uniform' } }, 'regular, 4-bit weights'],
  [
    { quantisation: { scheme: 'ternary', variant: 'twn', per: 'channel' } },
    'regular, twn ternary weights per channel',
  ],
  [
    { from: 'A', quantisation: { scheme: 'binary', method: 'straight-through' } },
    'regular, from A, binary weights, straight-through',
  ],
  [{ from: 'A', prune: { fraction: 0.3 } }, 'regular, from A, 30 % of filters pruned'],
  [
    { backdoor: 'square', spawn: { seed: 2, step: 9 } },
    'regular, backdoor square, seed 2 until step 9',
  ],
])('%j is "%s"', (given, expected) => {
  expect(describeEndpoint(endpoint.parse({ seed: 1, ...given }))).toBe(expected);
});
