// Samples as nvidia-smi prints them: two whole cards, a partitioned one, and none.
import { expect, test } from 'vitest';
import { UserError } from '../../experiment/errors.js';
import { partitioned, whole } from '../nvidia-smi.js';
import { parseGpuList, visibleGpus } from '../../settings/gpus.js';

const never = (): never => {
  throw new Error('asked');
};

test('cards and their parts are read from the list of nvidia-smi', () => {
  expect(parseGpuList(whole).map(({ index, name }) => [index, name])).toEqual([
    [0, 'NVIDIA H200'],
    [1, 'NVIDIA H200'],
  ]);
  expect(parseGpuList(partitioned)).toEqual([
    {
      index: 0,
      name: 'NVIDIA H200',
      uuid: 'GPU-4b7e5e4e-9a51-0f0b-1f2a-8f3b9d1c2e3f',
      instances: [
        { profile: '3g.71gb', uuid: 'MIG-0b4a1a6f-6d9c-5b0e-9a53-0a4f1b2c3d4e' },
        { profile: '1g.18gb', uuid: 'MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f' },
      ],
    },
    {
      index: 1,
      name: 'NVIDIA A100-SXM4-40GB',
      uuid: 'GPU-b2c4d6e8-1357-2468-ace0-13579bdf2468',
      instances: [],
    },
  ]);
  expect(parseGpuList('No devices found.\n')).toEqual([]);
});

test.each([
  ['4,6', ['4', '6']],
  ['GPU-4b7e5e4e', ['GPU-4b7e5e4e']],
  ['MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f', ['MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f']],
  ['MIG-GPU-4b7e5e4e-9a51/1/0', ['MIG-GPU-4b7e5e4e-9a51/1/0']],
  ['0, 2', ['0', '2']],
  ['', []],
  ['-1', []],
  ['1,-1,2', ['1']],
  ['NoDevFiles', []],
])('CUDA_VISIBLE_DEVICES=%s leaves %j, without asking nvidia-smi', (visible, gpus) => {
  expect(visibleGpus(visible, never)).toEqual(gpus);
});

test.each(['gpu0', '0;1', 'all', '1.5', 'UUID-3'])('%s names no GPU, and is refused', (visible) => {
  expect(() => visibleGpus(visible, never)).toThrow(UserError);
  expect(() => visibleGpus(visible, never)).toThrow(
    `CUDA_VISIBLE_DEVICES: ${visible} names no GPU`,
  );
});

test('without the variable all that nvidia-smi lists are used, each part of a card as one', () => {
  expect(visibleGpus(undefined, () => whole)).toHaveLength(2);
  expect(visibleGpus(undefined, () => partitioned)).toEqual([
    'MIG-0b4a1a6f-6d9c-5b0e-9a53-0a4f1b2c3d4e',
    'MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f',
    'GPU-b2c4d6e8-1357-2468-ace0-13579bdf2468',
  ]);
  expect(visibleGpus(undefined, () => 'No devices found.\n')).toEqual([]);
});

test('without the variable and without nvidia-smi the first GPU is taken for granted', () => {
  expect(visibleGpus(undefined, () => null)).toEqual(['0']);
});
