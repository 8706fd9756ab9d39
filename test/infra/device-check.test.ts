// `doctor --device` on a machine without a GPU: on its CPU, and for a GPU with libraries missing, broken and in place.
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { deviceChecks, type DeviceReport } from '../../infra/local/doctor/device.js';
import { cudaLibraries } from '../../engine/check/libraries.js';
import { isthmus } from '../cli/isthmus.js';
import { cleanEnv } from '../environment.js';
import { withPretendedGpu } from '../pretend-gpu/environment.js';

const home = mkdtempSync(join(tmpdir(), 'isthmus-device-'));
afterAll(() => rmSync(home, { recursive: true }));

interface Told {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string;
}

async function examine(device: string, env: NodeJS.ProcessEnv = cleanEnv()) {
  const own = { ...env, ISTHMUS_HOME: join(home, 'none') } as Readonly<Record<string, string>>;
  const { code, stdout, stderr } = await isthmus(own, 'doctor', '--device', device, '--json');
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Told[] };
  const byName = new Map(checks.map((check) => [check.name, check]));
  return { code, stderr, checks, byName };
}

/** Any library stands in for NVIDIA's: what counts is under which name the loader finds it. */
function folderOf(names: readonly string[], broken: readonly string[] = []): string {
  const folder = mkdtempSync(join(home, 'libraries-'));
  const system = '/lib/x86_64-linux-gnu';
  const any = readdirSync(system).find((name) => name.startsWith('libz.so.1'));
  const standIn = any === undefined ? '/lib64/libm.so.6' : join(system, any);
  for (const name of names) symlinkSync(standIn, join(folder, name));
  for (const name of broken) writeFileSync(join(folder, name), 'no library');
  return folder;
}

const required = cudaLibraries.filter(({ optional }) => !optional).map(({ name }) => name);

test('the CPU computes every operation as float64 does, without a stack', async () => {
  const { code, checks, stderr } = await examine('cpu');
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(code).toBe(0);
  expect(stderr).toContain('all is well');
  expect(checks.map(({ name }) => name)).toContain('convolution, kernel gradient');
  expect(checks.at(-1)!.detail).toMatch(/^largest relative error \d\.\de-\d+$/);
});

test('without a driver each missing library is told by its name, and no CPU takes the place of the GPU', async () => {
  const { code, byName } = await examine('gpu', withPretendedGpu(cleanEnv()));
  expect(code).toBe(1);
  for (const name of required) {
    expect(byName.get(name)).toMatchObject({
      ok: false,
      detail: `${name}: cannot open shared object file: No such file or directory`,
    });
  }
  expect(byName.get('libcuda.so.1')!.hint).toContain('driver');
  expect(byName.get('libcudnn.so.9')!.hint).toContain('LD_LIBRARY_PATH');
  expect(byName.get('libnccl.so.2')).toMatchObject({ ok: true });
  expect(byName.get('libnccl.so.2')!.detail).toMatch(/^optional: /);
  expect(byName.get('computing on the GPU')).toMatchObject({ ok: false });
  expect(byName.get('computing on the GPU')!.detail).toContain('TensorFlow finds no GPU');
  expect(byName.has('convolution')).toBe(false);
}, 120_000);

test('libraries are found as the loader finds them, and a broken one is told in its words', async () => {
  const sound = required.filter((name) => name !== 'libcudnn.so.9');
  const LD_LIBRARY_PATH = folderOf(sound, ['libcudnn.so.9']);
  const env = withPretendedGpu({ ...cleanEnv(), LD_LIBRARY_PATH });
  const { byName } = await examine('gpu', env);
  for (const name of sound) expect(byName.get(name)).toMatchObject({ ok: true, detail: 'loads' });
  expect(byName.get('libcudnn.so.9')).toMatchObject({ ok: false });
  expect(byName.get('libcudnn.so.9')!.detail).toMatch(/libcudnn\.so\.9: file too short$/);
}, 120_000);

test('with all of them, and a GPU, its name and every operation is told', async () => {
  const LD_LIBRARY_PATH = folderOf(required);
  const env = withPretendedGpu({ ...cleanEnv(), LD_LIBRARY_PATH }, 'NVIDIA H200');
  const { code, checks, byName } = await examine('gpu', env);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(code).toBe(0);
  expect(byName.get('visible GPUs')!.detail).toBe('0');
  expect(byName.get('computing on the GPU')!.detail).toMatch(
    /^TensorFlow 2\.\d+\.\d+, NVIDIA H200, driver 580\.95\.05, 143771 MB/,
  );
  expect(byName.get('matrix product')).toMatchObject({ ok: true });
}, 120_000);

test('no visible GPU is told before anything else', async () => {
  const env = { ...withPretendedGpu(cleanEnv()), CUDA_VISIBLE_DEVICES: '' };
  const { byName } = await examine('gpu', env);
  expect(byName.get('visible GPUs')).toMatchObject({ ok: false, detail: 'none' });
}, 120_000);

test('of operations that differ the first is the one to look into', () => {
  const operations = [
    { name: 'matrix product', error: 1e-7, tolerance: 1e-5, ok: true },
    { name: 'convolution', error: 4e-4, tolerance: 1e-5, ok: false },
    { name: 'batch norm', error: Infinity, tolerance: 1e-5, ok: false },
  ];
  const computed = { tensorflow: '2.21.0', gpu: null, operations };
  const report: DeviceReport = { visible: [], libraries: [], computed };
  expect(deviceChecks('cpu', report).slice(1)).toMatchObject([
    { ok: true, detail: 'largest relative error 1.0e-7' },
    {
      ok: false,
      detail: 'largest relative error 4.0e-4, more than 0.00001',
      hint: expect.stringContaining('convolution is the first operation that differs') as string,
    },
    { ok: false, hint: undefined },
  ]);
});

test('another device is refused', async () => {
  const { code, stderr } = await isthmus(cleanEnv(), 'doctor', '--device', 'tpu');
  expect(code).toBe(2);
  expect(stderr).toContain('Allowed choices are cpu, gpu');
});
