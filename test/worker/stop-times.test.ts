import { expect, test } from 'vitest';
import { loadSettings } from '../../settings/settings.js';
import { readVariables } from '../../settings/variables.js';
import { stopTimes } from '../../worker/stop-times.js';
import { stackEnv } from '../stack.js';

test('every part of a stop comes out of one budget, the engines first', () => {
  expect(stopTimes(12_000)).toEqual({ engineGraceMs: 8000, forceMs: 10_000, exitMs: 12_000 });
  expect(stopTimes(loadSettings(stackEnv()).stopBudgetMs).exitMs).toBe(18_000);
});

test.each(['5', '0', '-1', '3601', '12.5', 'soon'])('a budget of %s is refused', (seconds) => {
  expect(() => readVariables({ ISTHMUS_STOP_BUDGET: seconds })).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: expect.stringMatching(/^ISTHMUS_STOP_BUDGET: /) as string,
    }),
  );
});
