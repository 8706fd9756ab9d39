/** The operations that training and attacks are made of, each computed once by the means of an engine. */
import * as tf from '@tensorflow/tfjs';
import type { TensorFunction } from '../../numerics/graph/capture.js';
import { compile, type GraphHost } from '../../numerics/graph/compile.js';
import { crossEntropies } from '../../numerics/losses/cross-entropy.js';
import { normaliseByBatch } from '../../numerics/models/batch-norm.js';
import { maxPool } from '../../numerics/models/kernels.js';
import { checkInput, checkLabels } from './inputs.js';

/** Computes several operations, named in the order of its results. */
interface Computation {
  readonly names: readonly string[];
  readonly inputs: () => tf.Tensor[];
  readonly compute: TensorFunction;
}

/** In the order in which they are looked at: the first that differs is the one to look into. */
const computations: readonly Computation[] = [
  {
    names: ['matrix product'],
    inputs: () => [input([128, 257], 1), input([257, 96], 2)],
    compute: (a, b) => [tf.matMul(a, b)],
  },
  {
    names: ['convolution', 'convolution, image gradient', 'convolution, kernel gradient'],
    inputs: () => [input([8, 14, 14, 16], 1), input([3, 3, 16, 32], 2), input([8, 14, 14, 32], 3)],
    compute: withGradients(([x, kernel]) =>
      tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same'),
    ),
  },
  {
    names: [
      ...['batch norm', 'batch norm, image gradient', 'batch norm, scale gradient'],
      'batch norm, offset gradient',
    ],
    inputs: () => [
      ...[input([8, 14, 14, 16], 1), input([16], 2), input([16], 3)],
      input([8, 14, 14, 16], 4),
    ],
    compute: withGradients(([x, scale, offset]) =>
      normaliseByBatch(x!, scale!, offset!, () => undefined),
    ),
  },
  {
    names: ['max pooling', 'max pooling, gradient'],
    inputs: () => [input([8, 14, 14, 16], 1), input([8, 7, 7, 16], 2)],
    compute: withGradients(([x]) => maxPool(x!, 2, 2)),
  },
  {
    names: ['softmax cross-entropy', 'softmax cross-entropy, gradient'],
    inputs: () => [
      tf.mul(input([64, 10], 1), 8),
      ...[tf.tensor(checkLabels(64, 10), [64, 10]), input([64], 2)],
    ],
    compute: (z, labels, upstream) =>
      withGradients(([logits]) => crossEntropies(logits!, labels))(z, upstream),
  },
];

function input(shape: readonly number[], stream: number): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(checkInput(count, stream), [...shape]);
}

/** The value of f, and its gradients in all of its inputs; the last input is the gradient that comes from above. */
function withGradients(f: (inputs: readonly tf.Tensor[]) => tf.Tensor): TensorFunction {
  return (...given) => {
    const [upstream, inputs] = [given.at(-1)!, given.slice(0, -1)];
    const { value, grads } = tf.valueAndGrads((...moving) => f(moving))(inputs, upstream);
    return [value, ...grads];
  };
}

/** Results by name, as captured graphs on `host` compute them. */
export function computeOperations(host: GraphHost): ReadonlyMap<string, Float32Array> {
  const results = computations.flatMap((computation) => computeOne(host, computation));
  return new Map(results);
}

function computeOne(
  host: GraphHost,
  { names, inputs, compute }: Computation,
): readonly (readonly [string, Float32Array])[] {
  return tf.tidy(() => {
    const given = inputs();
    const run = compile(host, compute, given);
    try {
      const found = run(...given);
      return names.map((name, i) => [name, found[i]!.dataSync<'float32'>()] as const);
    } finally {
      run.dispose();
    }
  });
}
