/** Multiplications of the convolutions and matrix products that a function of tensors makes. */
import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from '../../numerics/graph/native.js';

/** Runs `f` once and counts. */
export function countProducts(f: () => void): number {
  const backend = nativeBackend();
  const execute = backend.executeMultipleOutputs.bind(backend);
  const methods = ['executeMultipleOutputs', 'executeSingleOutput'] as const;
  let products = 0;
  const counting: Pick<typeof backend, (typeof methods)[number]> = {
    executeMultipleOutputs: (op, attributes, inputs, count) => {
      const outputs = execute(op, attributes, inputs, count);
      products += productsIn(op, inputs, outputs);
      return outputs;
    },
    executeSingleOutput: (op, attributes, inputs) =>
      counting.executeMultipleOutputs(op, attributes, inputs, 1)[0]!,
  };
  Object.assign(backend, counting);
  try {
    tf.tidy(f);
  } finally {
    for (const method of methods) Reflect.deleteProperty(backend, method);
  }
  return products;
}

/** For each output, as many as values that it sums over. */
function productsIn(
  op: string,
  inputs: readonly tf.Tensor[],
  outputs: readonly tf.Tensor[],
): number {
  const [output] = outputs;
  const [first, second] = inputs;
  if (output === undefined || first === undefined || second === undefined) return 0;
  switch (op) {
    case 'Conv2D':
      return output.size * (second.size / second.shape.at(-1)!);
    case 'DepthwiseConv2dNative':
      return output.size * second.shape[0] * second.shape[1]!;
    case 'MatMul':
    case 'BatchMatMulV2': {
      // Of [.., m, k] and [.., k, n] in any transposition: m k n, of which m n are in the output.
      const [rows, columns] = output.shape.slice(-2);
      const inner = Math.sqrt((matrixSize(first) * matrixSize(second)) / (rows! * columns!));
      return output.size * Math.round(inner);
    }
    default:
      return 0;
  }
}

function matrixSize({ shape }: tf.Tensor): number {
  return shape.at(-1)! * shape.at(-2)!;
}
