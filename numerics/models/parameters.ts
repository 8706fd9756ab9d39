/** Named parameters in a fixed order, as host arrays and as tensors. */
import * as tf from '@tensorflow/tfjs';

/** Name and shape of one tensor of a model. */
export interface ParameterSpec {
  /** e.g. `conv1.weight`; unique in its model. */
  readonly name: string;
  /** Convolutions [height, width, in, out] (HWIO), dense layers [in, out], biases [out]. */
  readonly shape: readonly number[];
}

/** Values of every parameter by name, row-major float32. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

/** One tensor per spec, in the order of the specs. */
export type ParameterTensors = readonly tf.Tensor[];

/** Values in a tensor of this shape. */
export function parameterSize(spec: ParameterSpec): number {
  return spec.shape.reduce((product, size) => product * size, 1);
}

/** Host values to tensors, in spec order; throws on a missing name or a wrong size. */
export function toTensors(specs: readonly ParameterSpec[], values: ParameterValues): tf.Tensor[] {
  return specs.map((spec) => {
    const value = values.get(spec.name);
    if (value === undefined) throw new Error(`parameter ${spec.name} is missing`);
    if (value.length !== parameterSize(spec)) {
      throw new Error(
        `parameter ${spec.name} has ${value.length} values, not ${parameterSize(spec)}`,
      );
    }
    return tf.tensor(value, [...spec.shape], 'float32');
  });
}

/** Tensors back to host values. */
export function toValues(
  specs: readonly ParameterSpec[],
  tensors: ParameterTensors,
): Map<string, Float32Array> {
  return new Map(specs.map((spec, i) => [spec.name, tensors[i]!.dataSync<'float32'>()]));
}
