// Sparse tensors in a file: what comes back is what went in, in the promised bytes; broken files are refused by name.
import { describe, expect, test } from 'vitest';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { maskedTensors, randomMasks } from '../../../numerics/sparsity/masks.js';
import { decodeSafetensors } from '../../../stores/formats/safetensors.js';
import { packSparse, unpackSparse } from '../../../stores/formats/sparse-tensors.js';
import type { StoredTensor } from '../../../stores/formats/tensors.js';
import { encodeWeights } from '../../../stores/formats/weights-file.js';

const tensor = (values: readonly number[], shape = [values.length]): StoredTensor => ({
  ...{ dtype: 'F32', shape },
  data: Float32Array.from(values),
});
const zeros = (count: number) => new Array<number>(count).fill(0);

describe('packed tensors', () => {
  test.each([
    ['all zeros', zeros(1000)],
    ['one value at the end', [...zeros(999), 2]],
    ['gaps of 254, 255 and 256', [...zeros(254), 1, ...zeros(255), 2, ...zeros(256), -3]],
    ['gaps of twice and thrice 255', [...zeros(510), 1, ...zeros(765), 2, 5]],
    ['a value first', [1, ...zeros(600)]],
  ])('of %s come back as they were', (_what, values) => {
    const whole = new Map([['w', tensor(values, [values.length, 1])]]);
    const packed = packSparse(whole, { model: 'm' });
    expect([...packed.tensors.keys()]).toEqual(['w.gaps', 'w.values']);
    expect(unpackSparse(packed)).toEqual({ tensors: whole, metadata: { model: 'm' } });
  });

  test('dense tensors, and files without any, stay as they are', () => {
    const whole = { tensors: new Map([['w', tensor([1, 2, 3, 4])]]), metadata: { model: 'm' } };
    expect(packSparse(whole.tensors, whole.metadata)).toEqual(whole);
    expect(unpackSparse(whole)).toEqual(whole);
  });

  test.each([0.05, 0.01])(
    'lenet300 at density %d takes at most 0.08 of its dense bytes',
    (density) => {
      const model = modelFor('lenet300', [28, 28, 1], 10);
      const masked = maskedTensors(model);
      const masks = randomMasks(masked, density, { initial: 'uniform', seed: 1 });
      const values = new Map(model.initial(stream(1, 'init', 0)));
      masked.forEach(({ name }, l) =>
        values.set(
          name,
          values.get(name)!.map((w, i) => (masks[l]![i] === 0 ? 0 : w)),
        ),
      );
      const encode = (isCompact: boolean) =>
        encodeWeights('lenet300', model.parameters, new Map([['', values]]), isCompact);
      const [dense, compact] = [encode(false), encode(true)];
      expect(compact.length / dense.length).toBeLessThan(0.08);
      const back = unpackSparse(decodeSafetensors(compact)).tensors;
      for (const { name } of model.parameters) {
        const [a, b] = [back.get(name)!.data as Float32Array, values.get(name)!];
        expect(Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer))).toBe(0);
      }
    },
  );
});

describe('a broken file is refused by name', () => {
  const gaps = (...data: number[]): StoredTensor => ({ dtype: 'U8', shape: [data.length], data: Uint8Array.from(data) }); // prettier-ignore
  const file =
    (shape: string, ...parts: [string, StoredTensor][]) =>
    () =>
      unpackSparse({ tensors: new Map(parts), metadata: { 'sparse.w': shape } });

  test.each([
    ['without gaps', file('[9]', ['w.values', tensor([1])]), 'w: a sparse tensor needs w.gaps'],
    ['of too many places', file('[9]', ['w.gaps', gaps(9)], ['w.values', tensor([1])]), 'w: gaps of 1 values over 10 places'], // prettier-ignore
    ['of too few values', file('[9]', ['w.gaps', gaps(1, 1)], ['w.values', tensor([1])]), 'not of 1 over'], // prettier-ignore
    ['without a shape', file('9', ['w.gaps', gaps(1)], ['w.values', tensor([1])]), 'w: 9 is no shape'], // prettier-ignore
  ])('%s', (_what, unpack, message) => {
    expect(unpack).toThrow(message);
  });
});
