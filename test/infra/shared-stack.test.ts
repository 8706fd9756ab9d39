import { expect, test } from 'vitest';
import { loadSettings } from '../../settings/settings.js';
import { status } from '../../infra/local/index.js';
import { stackEnv } from '../stack.js';

test('the stack that all tests share runs every server and no worker', async () => {
  const { parts } = await status(stackEnv());
  expect(parts.map(({ name, state }) => [name, state])).toEqual([
    ['temporal', 'up'],
    ['postgres', 'up'],
    ['s3', 'up'],
    ['worker', 'down'],
  ]);
  expect(loadSettings(stackEnv()).databaseUrl).toMatch(/^postgresql:/);
});
