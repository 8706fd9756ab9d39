/** Forward mode against central differences of the function itself, which share no code with its rules. */
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { TensorFunction } from '../../numerics/graph/capture.js';
import { difference, values } from './engine.js';
import { pushforward, random } from './graph/forward-mode.js';

/** A function and where it is tried: one with kinks where it is smooth. */
export interface Case {
  readonly name: string;
  readonly f: TensorFunction;
  readonly x: () => tf.Tensor[];
  /** Which inputs move; all by default. */
  readonly moving?: readonly number[];
}

/** Two random inputs of these shapes. */
export const pair = (a: number[], b: number[]) => () => [random(a, 1), random(b, 2)];

/** (f(x + h v) - f(x - h v)) / 2h. */
function centralDifference(
  f: TensorFunction,
  x: readonly tf.Tensor[],
  v: readonly (tf.Tensor | null)[],
  h: number,
): tf.Tensor[] {
  return tf.tidy(() => {
    const at = (step: number) =>
      f(...x.map((xi, i) => (v[i] ? tf.add(xi, tf.mul(v[i], step)) : xi)));
    const [ahead, behind] = [at(h), at(-h)];
    return ahead.map((y, i) => tf.div(tf.sub(y, behind[i]!), 2 * h));
  });
}

/** The tangents of all outputs are central differences along a random direction, up to their errors. */
export function expectCentralDifference({ f, x, moving }: Case): void {
  const at = x();
  const v = at.map((xi, i) => ((moving?.includes(i) ?? true) ? random(xi.shape, 50 + i) : null));
  const exact = pushforward(f, at, v);
  const h = 1e-2;
  const close = centralDifference(f, at, v, h);
  exact.forEach((y, i) => {
    expect(y.shape).toEqual(close[i]!.shape);
    const scale = Math.max(1, ...values(close[i]!).map(Math.abs));
    // Truncation h² f''' / 6 with f''' up to about 40, and float32 roundoff of 1e-7 / 2h.
    expect(difference(y, close[i]!) / scale).toBeLessThan(2e-3);
  });
  tf.dispose([...at, ...v.filter((direction) => direction !== null), ...exact, ...close]);
}
