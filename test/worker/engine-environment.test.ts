import { join } from 'node:path';
import { expect, test } from 'vitest';
import { semanticVersions } from '../../experiment/kinds/index.js';
import { loadSettings, type Settings } from '../../settings/settings.js';
import { readEngineOptions } from '../../engine/process/options.js';
import { engineEnvironment } from '../../worker/engine-environment.js';
import { stackEnv } from '../stack.js';

const place = { slot: 0, threads: 3 };
const settings = (): Settings => loadSettings(stackEnv());

test('an engine learns its store, its data and its threads, and no way to the database', () => {
  const { databaseUrl, dataDir, home, s3 } = settings();
  const [checkpointDir, graphDir] = [join(home, 'checkpoints'), join(home, 'graphs')];
  const env = engineEnvironment(settings(), { PATH: '/bin', DATABASE_URL: databaseUrl }, place);
  expect(readEngineOptions(env)).toEqual({
    ...{ s3, dataDir, checkpointDir, graphDir, device: 'cpu', threads: 3 },
    versions: semanticVersions,
  });
  expect(env).toMatchObject({ PATH: '/bin', OMP_NUM_THREADS: '3', TF_NUM_INTRAOP_THREADS: '3' });
  expect(JSON.stringify(env)).not.toContain(new URL(databaseUrl).password);
});

test.each([
  [undefined, '1'],
  ['4,6', '6'],
])('on GPUs %s the second engine sees one of its own', (visible, own) => {
  const gpu: Settings = { ...settings(), device: 'gpu' };
  const env = engineEnvironment(gpu, { CUDA_VISIBLE_DEVICES: visible }, { ...place, slot: 1 });
  expect(env['CUDA_VISIBLE_DEVICES']).toBe(own);
});

test('engines on the CPU are left the GPUs that their surroundings name', () => {
  expect(engineEnvironment(settings(), { CUDA_VISIBLE_DEVICES: '' }, place)).toMatchObject({
    CUDA_VISIBLE_DEVICES: '',
  });
});
