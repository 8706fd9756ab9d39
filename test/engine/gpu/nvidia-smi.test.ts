import { expect, test } from 'vitest';
import { findCard, parseCards } from '../../../engine/gpu/nvidia-smi.js';
import { partitioned, whole } from '../../nvidia-smi.js';

const csv = `0, GPU-4b7e5e4e-9a51-0f0b-1f2a-8f3b9d1c2e3f, NVIDIA H200, 580.95.05, 143771
1, GPU-b2c4d6e8-1357-2468-ace0-13579bdf2468, NVIDIA A100-SXM4-40GB, 580.95.05, 40960
`;
const first = {
  name: 'NVIDIA H200',
  uuid: 'GPU-4b7e5e4e-9a51-0f0b-1f2a-8f3b9d1c2e3f',
  driver: '580.95.05',
  memoryMb: 143771,
};

test('the answer about cards is read field by field', () => {
  expect(parseCards(csv)).toHaveLength(2);
  expect(parseCards(csv)[0]).toEqual({ index: 0, ...first });
  expect(parseCards('')).toEqual([]);
});

test.each([
  'No devices were found',
  '0, GPU-1, NVIDIA H200, 580.95.05',
  '0, GPU-1, NVIDIA H200, 580.95.05, much',
  '0, GPU-1, NVIDIA H200, 580.95.05, 143771, Enabled',
  'Unable to determine the device handle for GPU0: 0000:18:00.0: Unknown Error',
])('another answer is left out, and those beside it are read: %s', (line) => {
  expect(parseCards(`${line}\n${csv}`)).toEqual(parseCards(csv));
});

test('a card that shares the memory of its machine has none of its own', () => {
  const [card] = parseCards('0, GPU-1, NVIDIA GB10, 580.95.05, [N/A]');
  expect(card).toMatchObject({ name: 'NVIDIA GB10', memoryMb: null });
});

test.each(['0', first.uuid, 'GPU-4b7e5e4e', 'gpu-4B7E'])('%s is the first card', (visible) => {
  expect(findCard(visible, whole, csv)).toEqual({ ...first, mig: null });
});

test('a part of a card is found by its uuid, with the card that it belongs to', () => {
  const mig = { profile: '1g.18gb', uuid: 'MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f' };
  expect(findCard(mig.uuid, partitioned, csv)).toEqual({ ...first, mig });
  expect(findCard('1', partitioned, csv)).toMatchObject({
    name: 'NVIDIA A100-SXM4-40GB',
    mig: null,
  });
});

test('of a partitioned card that is named as a whole CUDA takes the first part', () => {
  expect(findCard('0', partitioned, csv)).toMatchObject({ mig: { profile: '3g.71gb' } });
});

test.each(['7', '', 'GPU-ffff', 'MIG-ffff'])('"%s" is no card', (visible) => {
  expect(findCard(visible, partitioned, csv)).toBeNull();
});
