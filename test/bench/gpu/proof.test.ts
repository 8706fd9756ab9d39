/** The proof on a GPU, as far as it needs none: the script's own tests, and what its steps read and compare. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compareResults } from '../../../bench/gpu/compare.js';
import { deviceEnvironment } from '../../../bench/gpu/context.js';
import { drawInputs, drawOnce } from '../../../bench/gpu/drawn-inputs.js';
import { gpuMemory } from '../../../bench/gpu/memory.js';
import { comparedParts, readReference, type Tensors } from '../../../bench/gpu/reference.js';
import { sketchRows } from '../../../bench/gpu/sketch.js';
import { soughtLibraries } from '../../../bench/gpu/steps/linker-log.js';
import { worksIn } from '../../../bench/gpu/speed-rows.js';
import { modelNames } from '../../../bench/request.js';
import { nativeEnvironment } from '../../../engine/native-environment.js';
import { normals, stream } from '../../../numerics/random.js';
import { repositoryRoot } from '../../../settings/paths.js';
import type { StoredTensor } from '../../../stores/formats/tensors.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-proof-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('prove.py', () => {
  it.skipIf(!hasPython)('passes its own tests', () => {
    const script = join(import.meta.dirname, 'proof_test.py');
    const { status, stderr } = spawnSync('python3', [script], {
      env: { ...process.env, PYTHONPATH: join(repositoryRoot, 'bench', 'gpu') },
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^OK$/m);
    expect(status).toBe(0);
  });
});

describe('the log of the linker', () => {
  const line = (text: string): string => `      1234:\t${text}`;
  const log = [
    'find library=libcublas.so.12 [0]; searching',
    ' search path=/c:/w/lib\t\t(LD_LIBRARY_PATH)',
    '  trying file=/c/libcublas.so.12',
    'find library=libcublasLt.so.13 [0]; searching',
    '  trying file=/c/libcublasLt.so.13',
    '  trying file=/w/lib/libcublasLt.so.13',
    'calling init: /w/lib/libcublasLt.so.13',
    'calling init: /c/libcublas.so.12',
    'find library=libcudnn.so.9 [0]; searching',
    '  trying file=/c/libcudnn.so.9',
    '  trying file=/w/lib/libcudnn.so.9',
  ];

  it('says where each library was found, and which were nowhere', () => {
    expect(soughtLibraries(log.map(line).join('\n'))).toEqual([
      { library: 'libcublas.so.12', path: '/c/libcublas.so.12' },
      { library: 'libcublasLt.so.13', path: '/w/lib/libcublasLt.so.13' },
      { library: 'libcudnn.so.9', path: null },
    ]);
  });

  it('counts a library as found only once it is loaded', () => {
    const cut = log.filter((text) => !text.startsWith('calling init: /c'));
    expect(soughtLibraries(cut.join('\n'))[0]).toMatchObject({ path: null });
  });
});

describe('a sketch', () => {
  const length = (values: Float64Array): number => Math.hypot(...values);
  const size = 20_000;
  const [a, b] = [1, 2].map((index) => normals(stream(1, 'probe', index), size)) as [
    Float64Array,
    Float64Array,
  ];

  it('is linear, and as long as what it is of', () => {
    const sum = a.map((value, i) => value - 3 * b[i]!);
    const [of, each] = [sketchRows(sum, size, 512), [a, b].map((v) => sketchRows(v, size, 512))];
    of.forEach((value, k) => expect(value).toBeCloseTo(each[0]![k]! - 3 * each[1]![k]!, 9));
    expect(length(of) / length(sum)).toBeGreaterThan(0.85);
    expect(length(of) / length(sum)).toBeLessThan(1.15);
  });

  it('shows the change of a single value', () => {
    const changed = a.slice();
    changed[777]! += 0.5;
    const [before, after] = [a, changed].map((values) => sketchRows(values, size, 512));
    expect(length(before!.map((value, k) => value - after![k]!))).toBeCloseTo(0.5, 9);
  });

  it('keeps rows apart', () => {
    const rows = sketchRows(Float64Array.of(...a, ...b), size, 64);
    expect(rows).toEqual(Float64Array.of(...sketchRows(a, size, 64), ...sketchRows(b, size, 64)));
  });
});

describe('stored results', () => {
  // The step does the same for vgg16, whose weights take seconds to draw.
  it.each(['cnn-small', 'preresnet26'] as const)(
    'of %s are of the weights and images that are drawn here',
    async (model) => {
      const { inputs, chosen } = await readReference(model);
      expect(await drawInputs(model, join(folder, model), chosen)).toBe(inputs);
      expect(await drawOnce(model, folder)).toBe(await drawOnce(model, folder));
    },
  );

  it('are not compared with those of other weights', async () => {
    const { chosen } = await readReference('cnn-small');
    const order = chosen.order!.toReversed();
    const other = await drawInputs('cnn-small', join(folder, 'other'), { ...chosen, order });
    expect(other).not.toBe((await readReference('cnn-small')).inputs);
  });

  it.each(modelNames)('of %s hold every part that is compared', async (model) => {
    const { tensors } = await readReference(model);
    const needed = {
      passes: ['logits', 'input_gradient', 'near_kinks'],
      attack: ['pgd_predictions'],
      curve: ['curve_loss'],
      'weight-product': ['weight_product'],
      'input-product': ['input_product'],
      eigenvalues: ['eigenvalues'],
    };
    for (const name of comparedParts[model].flatMap((part) => needed[part])) {
      expect([...tensors.keys()]).toContain(name);
    }
  });
});

describe('a comparison', () => {
  const logits = (values: readonly number[]) =>
    ({ dtype: 'F32', shape: [values.length], data: Float32Array.from(values) }) as const;
  const eigenvalues = (values: readonly number[]) =>
    ({ dtype: 'F64', shape: [values.length], data: Float64Array.from(values) }) as const;
  const near = { dtype: 'U8', shape: [2], data: Uint8Array.of(0, 1) } as const;
  const reference: Tensors = new Map<string, StoredTensor>([
    ['logits', logits([3, 4])],
    ['near_kinks', near],
    ['eigenvalues', eigenvalues([1, 2])],
  ]);

  it('is relative, and of what the results hold', () => {
    const results: Tensors = new Map([['logits', logits([3, 4.5])]]);
    expect(compareResults(results, reference, true)).toEqual([
      { check: 'logits', figure: 0.1, leftOut: 0 },
    ]);
  });

  it('leaves out an image near a kink that misses the bar, if it may', () => {
    const results: Tensors = new Map([['eigenvalues_lanczos', eigenvalues([1.00001, 3])]]);
    const [strict] = compareResults(results, reference, false);
    const [lenient] = compareResults(results, reference, true);
    expect(strict).toMatchObject({ figure: 0.5, leftOut: 0 });
    expect(lenient!.leftOut).toBe(1);
    expect(lenient!.figure).toBeCloseTo(1e-5, 9);
  });

  it('never leaves out an image that is far from every kink', () => {
    const results: Tensors = new Map([['eigenvalues_lanczos', eigenvalues([2, 2])]]);
    expect(compareResults(results, reference, true)[0]).toMatchObject({ figure: 1, leftOut: 0 });
  });
});

describe('the environment of a process', () => {
  const gpu = { device: 'gpu', threads: 4, libraries: '/c:/w' } as const;
  const surroundings = { CUDA_VISIBLE_DEVICES: '1,2', TF_CUDNN_USE_AUTOTUNE: '1' };
  const environment = (precision: 'float32' | 'tf32' | 'bfloat16', deterministic = true) =>
    deviceEnvironment(surroundings, gpu, precision, deterministic);

  it('on a CPU is that of an engine there', () => {
    const cpu = { device: 'cpu', threads: 3, libraries: '/c' } as const;
    const found = deviceEnvironment({ PATH: '/bin' }, cpu, 'float32');
    expect(found).toEqual({ PATH: '/bin', ...nativeEnvironment(3) });
  });

  it('on a GPU names one of those that were given', () => {
    expect(environment('float32')).toMatchObject({ CUDA_VISIBLE_DEVICES: '1' });
  });

  it('without the switches for determinism keeps precision, memory and libraries', () => {
    const [on, off] = [true, false].map((wanted) => environment('float32', wanted));
    expect(on).toMatchObject({ TF_DETERMINISTIC_OPS: '1', TF_CUDNN_USE_AUTOTUNE: '0' });
    const lost = Object.keys(on!).filter((name) => !(name in off!));
    const switches = ['TF_DETERMINISTIC_OPS', 'TF_CUDNN_USE_AUTOTUNE', 'CUBLAS_WORKSPACE_CONFIG'];
    expect(lost).toEqual(expect.arrayContaining(switches));
    expect(off).toMatchObject({
      ...{ LD_LIBRARY_PATH: '/c:/w', NVIDIA_TF32_OVERRIDE: '0', CUDA_VISIBLE_DEVICES: '1' },
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    });
  });

  it('lets a GPU round products to TF32 in that precision alone', () => {
    expect(environment('tf32')).not.toHaveProperty('NVIDIA_TF32_OVERRIDE');
    expect(environment('bfloat16')).toHaveProperty('NVIDIA_TF32_OVERRIDE', '0');
  });
});

describe('what is measured', () => {
  it('in bfloat16 is what a run computes in it', () => {
    expect(worksIn('bfloat16')).toEqual(['training-step', 'pgd-10']);
    expect(worksIn('tf32')).toContain('weight-product');
  });

  it('of memory is what the driver lists for the process', () => {
    const listed = '12, 300\n7, 1024\n7, 24\n9, [N/A]\n';
    expect(gpuMemory(listed, 7)).toBe(1048);
    expect(gpuMemory(listed, 9)).toBeNull();
    expect(gpuMemory('', 7)).toBeNull();
  });
});
