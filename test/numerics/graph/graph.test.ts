import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { capture } from '../../../numerics/graph/capture.js';
import { compile } from '../../../numerics/graph/compile.js';
import { expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();

describe('a captured function', () => {
  test('computes with the arguments of the call, not with those of the capture', () => {
    const example = tf.tensor1d([1, 2, 3]);
    const f = compile(host, (x) => [tf.mul(x, 2), tf.sum(x)], [example]);
    const argument = tf.tensor1d([10, 20, 30]);
    const [doubled, sum] = f(argument) as [tf.Tensor, tf.Tensor];
    expect(values(doubled)).toEqual([20, 40, 60]);
    expect(values(sum)).toEqual([60]);
    tf.dispose([example, argument, doubled, sum]);
    f.dispose();
  });

  test('keeps tensors from outside as constants, each content once', () => {
    const outside = tf.tensor1d([5, 6]);
    const same = tf.tensor1d([5, 6]);
    const example = tf.tensor1d([0, 0]);
    const graph = capture((x) => [tf.add(tf.add(x, outside), same)], [example]);
    expect(graph.nodes.filter((node) => node.kind === 'constant')).toHaveLength(1);
    tf.dispose([outside, same, example]);
  });

  test('may return an argument or the same tensor twice', () => {
    const example = tf.scalar(3);
    const f = compile(
      host,
      (x) => {
        const square = tf.square(x);
        return [square, square, x];
      },
      [example],
    );
    const results = f(example);
    expect(results.map((r) => values(r)[0])).toEqual([9, 9, 3]);
    tf.dispose([...results, example]);
    f.dispose();
  });

  test('that reads the values of a tensor is refused, and eager work goes on after it', () => {
    const example = tf.scalar(1);
    expect(() => capture((x) => [x.dataSync()[0]! > 0 ? x : tf.neg(x)], [example])).toThrow(
      /must not read the values/,
    );
    expect(values(example)).toEqual([1]);
    example.dispose();
  });

  test('refuses arguments of another shape, type or number', () => {
    const example = tf.zeros([2, 3]);
    const f = compile(host, (x) => [tf.neg(x)], [example]);
    const wrong = tf.zeros([3, 2]);
    const whole = tf.zeros([2, 3], 'int32');
    expect(() => f(wrong)).toThrow('input 0 is float32[3,2], but was captured as float32[2,3]');
    expect(() => f(whole)).toThrow(/int32\[2,3\]/);
    expect(() => f()).toThrow('a graph of 1 inputs was called with 0');
    tf.dispose([example, wrong, whole]);
    f.dispose();
  });
});
