// Evidence: the stored float64 values are those of plain loops written here, the engine's operations agree with them, and
// a wrong value, a lost one or one rounded as by TF32 does not pass.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  checkOperations,
  tolerances,
  type ExpectedResult,
  type ExpectedResults,
} from '../../../engine/check/compare.js';
import expected from '../../../engine/check/expected.json' with { type: 'json' };
import { checkInput } from '../../../engine/check/inputs.js';
import { computeOperations } from '../../../engine/check/operations.js';
import { host } from '../../numerics/engine.js';

const before = tf.memory().numTensors;
const computed = computeOperations(host);

test('every operation agrees with float64 on this CPU, and no tensor is left', () => {
  const checks = checkOperations(computed, 'float32');
  expect(checks).toHaveLength(12);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(Math.max(...checks.map(({ error }) => error))).toBeLessThan(1e-6);
  expect(tf.memory().numTensors).toBe(before);
});

test('what is computed is what is expected, name by name', () => {
  expect([...computed.keys()]).toEqual(Object.keys(expected));
});

describe('the stored values are those of plain loops', () => {
  const agree = (
    found: Float64Array,
    { size, positions, values, largest, norm }: ExpectedResult,
  ) => {
    expect(found.length).toBe(size);
    positions.forEach((at, i) => expect(found[at]! - values[i]!).toBeCloseTo(0, 10));
    expect(found.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeCloseTo(
      largest,
      10,
    );
    expect(Math.sqrt(found.reduce((sum, value) => sum + value ** 2, 0))).toBeCloseTo(norm, 8);
  };

  test('of a matrix product', () => {
    const [a, b] = [checkInput(128 * 257, 1), checkInput(257 * 96, 2)];
    const product = new Float64Array(128 * 96);
    for (let i = 0; i < 128; i++)
      for (let k = 0; k < 257; k++)
        for (let j = 0; j < 96; j++) product[i * 96 + j]! += a[i * 257 + k]! * b[k * 96 + j]!;
    agree(product, expected['matrix product']);
  });

  test('of a convolution and its gradients', () => {
    const x = checkInput(8 * 14 * 14 * 16, 1);
    const kernel = checkInput(3 * 3 * 16 * 32, 2);
    const upstream = checkInput(8 * 14 * 14 * 32, 3);
    const y = new Float64Array(upstream.length);
    const [dx, dk] = [new Float64Array(x.length), new Float64Array(kernel.length)];
    const inside = (at: number) => at >= 0 && at < 14;
    for (let n = 0; n < 8; n++)
      for (let h = 0; h < 14; h++)
        for (let w = 0; w < 14; w++)
          for (let i = 0; i < 3; i++)
            for (let j = 0; j < 3; j++) {
              const [row, column] = [h + i - 1, w + j - 1];
              if (!inside(row) || !inside(column)) continue;
              for (let c = 0; c < 16; c++) {
                const [from, to] = [((n * 14 + row) * 14 + column) * 16 + c, (i * 3 + j) * 16 + c];
                for (let o = 0; o < 32; o++) {
                  const out = ((n * 14 + h) * 14 + w) * 32 + o;
                  y[out]! += x[from]! * kernel[to * 32 + o]!;
                  dx[from]! += upstream[out]! * kernel[to * 32 + o]!;
                  dk[to * 32 + o]! += x[from]! * upstream[out]!;
                }
              }
            }
    agree(y, expected['convolution']);
    agree(dx, expected['convolution, image gradient']);
    agree(dk, expected['convolution, kernel gradient']);
  });
});

describe('does not pass', () => {
  const name = 'convolution, kernel gradient';
  const result: ExpectedResult = expected[name];
  const failing = (other: Partial<ExpectedResult>, of = computed): readonly string[] => {
    const changed: ExpectedResults = { ...expected, [name]: { ...result, ...other } };
    return checkOperations(of, 'float32', changed)
      .filter(({ ok }) => !ok)
      .map((check) => check.name);
  };
  const replaced = (values: Float32Array) => new Map([...computed, [name, values]]);

  test('a wrong stored value, and is named', () => {
    const values = result.values.map((value, i) =>
      i === 7 ? value + 1e-3 * result.largest : value,
    );
    expect(failing({ values })).toEqual([name]);
  });

  test('a result that differs where no value is stored', () => {
    const found = Float32Array.from(computed.get(name)!);
    found[1]! += result.largest;
    expect(result.positions).not.toContain(1);
    expect(failing({}, replaced(found))).toEqual([name]);
  });

  test('NaN, a result of another size, or none', () => {
    const found = Float32Array.from(computed.get(name)!);
    found[result.positions[3]!] = NaN;
    expect(failing({}, replaced(found))).toEqual([name]);
    expect(failing({}, replaced(found.subarray(1)))).toEqual([name]);
    expect(failing({}, new Map([...computed].filter(([own]) => own !== name)))).toEqual([name]);
  });

  test('a product whose inputs were rounded to TF32, but in tf32 it does', () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    // Round to nearest at 10 bits of mantissa: half of the last bit that stays is added first.
    const toTf32 = (value: number): number => {
      float[0] = value;
      bits[0] = (bits[0]! + 0x1000) & 0xffffe000;
      return float[0];
    };
    const [a, b] = [checkInput(128 * 257, 1).map(toTf32), checkInput(257 * 96, 2).map(toTf32)];
    const product = new Float32Array(128 * 96);
    for (let i = 0; i < 128; i++)
      for (let k = 0; k < 257; k++)
        for (let j = 0; j < 96; j++) product[i * 96 + j]! += a[i * 257 + k]! * b[k * 96 + j]!;
    const rounded = new Map([...computed, ['matrix product', product]]);
    const [check] = checkOperations(rounded, 'float32');
    expect(check).toMatchObject({ name: 'matrix product', ok: false });
    expect(check!.error).toBeGreaterThan(3 * tolerances.float32);
    expect(checkOperations(rounded, 'tf32').every(({ ok }) => ok)).toBe(true);
  });
});
