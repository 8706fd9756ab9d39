import { join } from 'node:path';
import { expect, test } from 'vitest';
import { semanticVersions } from '../../experiment/kinds/index.js';
import { loadSettings, type Settings } from '../../settings/settings.js';
import { gpuEnvironment } from '../../engine/native-environment.js';
import { readEngineOptions } from '../../engine/process/options.js';
import { engineEnvironment, withheldSwitches } from '../../worker/engine-environment.js';
import { stackEnv } from '../stack.js';

const place = { slot: 0, threads: 3, precision: 'float32' } as const;
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

const onGpus = (gpu: Partial<Settings['gpu']> = {}): Settings => ({
  ...settings(),
  device: 'gpu',
  gpu: { visible: ['4', 'GPU-6'], memoryMb: undefined, fallback: undefined, ...gpu },
});

test.each([
  [0, '4'],
  [1, 'GPU-6'],
  [2, '4'],
])('the GPU of slot %i is %s, as nvidia-smi numbers them', (slot, own) => {
  const env = engineEnvironment(onGpus(), { CUDA_VISIBLE_DEVICES: '4,GPU-6' }, { ...place, slot });
  expect(env).toMatchObject({ CUDA_VISIBLE_DEVICES: own, CUDA_DEVICE_ORDER: 'PCI_BUS_ID' });
});

test('no GPU is no GPU, not the first', () => {
  expect(engineEnvironment(onGpus({ visible: [] }), {}, place)['CUDA_VISIBLE_DEVICES']).toBe('');
});

test('a GPU computes deterministically, in the precision and with the memory asked for', () => {
  const env = engineEnvironment(onGpus({ memoryMb: 9000 }), {}, place);
  expect(env).toMatchObject(gpuEnvironment({ precision: 'float32', memoryMb: 9000 }));
  const tf32 = engineEnvironment(onGpus(), {}, { ...place, precision: 'tf32' });
  expect(tf32).toMatchObject(gpuEnvironment({ precision: 'tf32' }));
  expect(tf32).not.toHaveProperty('NVIDIA_TF32_OVERRIDE');
});

test.each([
  ['TF_DETERMINISTIC_OPS', '0'],
  ['TF_CUDNN_USE_AUTOTUNE', '1'],
  ['NVIDIA_TF32_OVERRIDE', '0'],
  ['CUBLAS_WORKSPACE_CONFIG', ':16:8'],
  ['XLA_FLAGS', '--xla_gpu_autotune_level=4'],
  ['TF_XLA_FLAGS', '--tf_xla_auto_jit=2'],
  ['CUDA_DEVICE_ORDER', 'FASTEST_FIRST'],
])('%s=%s of the surroundings does not reach an engine on a GPU, and is told', (name, value) => {
  const [tf32, surroundings] = [{ ...place, precision: 'tf32' } as const, { [name]: value }];
  const undisturbed = engineEnvironment(onGpus(), {}, tf32);
  expect(engineEnvironment(onGpus(), surroundings, tf32)).toEqual(undisturbed);
  const others = { PATH: '/bin', TF_CLI_CONFIG_FILE: 'terraform.rc' };
  expect(withheldSwitches({ ...others, ...surroundings })).toEqual([name]);
});

test('an engine on the CPU has none of it, and keeps what its surroundings set', () => {
  const env = engineEnvironment(settings(), { TF_ENABLE_ONEDNN_OPTS: '0' }, place);
  for (const name of Object.keys(gpuEnvironment({ precision: 'float32', memoryMb: 1 }))) {
    expect(env).not.toHaveProperty(name);
  }
  expect(env).toMatchObject({ TF_ENABLE_ONEDNN_OPTS: '0' });
});

test('an engine learns whether it may compute on the CPU instead', () => {
  expect(readEngineOptions(engineEnvironment(onGpus(), {}, place))).not.toHaveProperty('fallback');
  const lenient = engineEnvironment(onGpus({ fallback: 'cpu' }), {}, place);
  expect(readEngineOptions(lenient)).toMatchObject({ device: 'gpu', fallback: 'cpu' });
});

test('engines on the CPU are left the GPUs that their surroundings name', () => {
  expect(engineEnvironment(settings(), { CUDA_VISIBLE_DEVICES: '' }, place)).toMatchObject({
    CUDA_VISIBLE_DEVICES: '',
  });
});
