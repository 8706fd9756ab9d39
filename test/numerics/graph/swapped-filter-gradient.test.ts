/** Filter gradients as forward convolutions: the same sums, and only where images are small and channels many. */
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { capture } from '../../../numerics/graph/capture.js';
import { inBfloat16 } from '../../../numerics/graph/bfloat16.js';
import { compileGraph } from '../../../numerics/graph/compile.js';
import type { GraphNode } from '../../../numerics/graph/graph.js';
import { inFloat32 } from '../../../numerics/graph/in-float32.js';
import { withSwappedFilterGradients } from '../../../numerics/graph/swapped-filter-gradient.js';
import { kernelGradient } from '../../../numerics/models/convolution-gradients.js';
import { difference, expectNoLeaks, host } from '../engine.js';

expectNoLeaks();

interface Layer {
  readonly size?: number;
  readonly side: readonly [number, number];
  readonly channels: number;
  readonly out: number;
}

const normal = (shape: [number, number, number, number], seed: number): tf.Tensor4D =>
  tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', seed);

function filterGradient({ size = 3, side, channels, out }: Layer) {
  const inputs: [tf.Tensor4D, tf.Tensor4D] = [
    normal([2, ...side, out], 1),
    normal([2, ...side, channels], 2),
  ];
  const f = (...[g, x]: tf.Tensor[]) => [
    kernelGradient(g as tf.Tensor4D, x as tf.Tensor4D, [size, size, channels, out]),
  ];
  return { f, inputs };
}

const names = (nodes: readonly GraphNode[]): string[] =>
  nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []));

const deep: readonly Layer[] = [
  { side: [8, 8], channels: 256, out: 256 },
  { side: [4, 3], channels: 128, out: 512 },
  { side: [2, 2], channels: 512, out: 512 },
  { size: 5, side: [4, 4], channels: 256, out: 256 },
];

for (const layer of deep) {
  test(`the swapped form is the same sum: ${JSON.stringify(layer)}`, () => {
    const { f, inputs } = filterGradient(layer);
    const graph = capture(f, inputs);
    const nodes = withSwappedFilterGradients(graph.nodes);
    expect(names(graph.nodes)).toEqual(['Conv2DBackpropFilter']);
    expect(names(nodes)).toEqual(['Transpose', 'PadV2', 'Transpose', 'Conv2D', 'Transpose']);
    const calls = [graph, { ...graph, nodes }].map((each) => compileGraph(host, each));
    const [direct, swapped] = calls.map((call) => call(...inputs)[0]!) as [tf.Tensor, tf.Tensor];
    const scale = tf.tidy(() => tf.max(tf.abs(direct)).dataSync()[0]!);
    expect(swapped.shape).toEqual(direct.shape);
    expect(difference(swapped, direct) / scale).toBeLessThan(2e-6);
    for (const call of calls) call.dispose();
    tf.dispose([...inputs, direct, swapped]);
  });
}

const kept: readonly Layer[] = [
  { side: [9, 8], channels: 256, out: 256 },
  { side: [4, 4], channels: 64, out: 64 },
  { size: 1, side: [4, 4], channels: 512, out: 512 },
];

for (const layer of kept) {
  test(`stays as it is: ${JSON.stringify(layer)}`, () => {
    const { f, inputs } = filterGradient(layer);
    const { nodes } = capture(f, inputs);
    expect(withSwappedFilterGradients(nodes)).toEqual(nodes);
    tf.dispose(inputs);
  });
}

test('stays as it is where it is computed exactly, and is in bfloat16 elsewhere', () => {
  const { f, inputs } = filterGradient(deep[0]!);
  const exact = capture((...given) => inFloat32(() => f(...given)), inputs);
  expect(names(inBfloat16(exact.nodes).nodes)).toEqual(['Conv2DBackpropFilter']);
  const lowered = inBfloat16(capture(f, inputs).nodes).nodes;
  expect(names(lowered)).not.toContain('Conv2DBackpropFilter');
  expect(lowered.some(({ name }) => name.endsWith('_convolved_bfloat16'))).toBe(true);
  tf.dispose(inputs);
});
