import { expect, test } from 'vitest';
import { gpuEnvironment } from '../../engine/native-environment.js';

const deterministic = {
  TF_DETERMINISTIC_OPS: '1',
  TF_CUDNN_USE_AUTOTUNE: '0',
  TF_MATMUL_AUTOTUNE_ENABLE: '0',
  CUBLAS_WORKSPACE_CONFIG: ':4096:8',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
};

test.each(['float32', 'bfloat16'] as const)(
  '%s on a GPU is deterministic, without TF32',
  (precision) => {
    expect(gpuEnvironment({ precision })).toEqual({ ...deterministic, NVIDIA_TF32_OVERRIDE: '0' });
  },
);

test('tf32 is as deterministic; of its override every value but 0 is reserved', () => {
  expect(gpuEnvironment({ precision: 'tf32' })).toEqual(deterministic);
});

test('a memory limit is reserved at once: TensorFlow bounds no sum of pieces', () => {
  expect(gpuEnvironment({ precision: 'tf32', memoryMb: 8000 })).toEqual({
    ...deterministic,
    TF_FORCE_GPU_ALLOW_GROWTH: 'false',
    TF_PER_DEVICE_MEMORY_LIMIT_MB: '8000',
  });
});
