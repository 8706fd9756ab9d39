/** Access to the TensorFlow backend beyond the tfjs API: run one op by its TensorFlow name. */
import * as tf from '@tensorflow/tfjs';
import { dataTypes, type DataType, type OpAttribute } from './graph.js';

/** The part of tfjs-node's backend through which every kernel of its passes. */
export interface NativeBackend {
  readonly binding: Readonly<Record<AttributeTypeName | DataTypeName, number>>;
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  /** `dtype` is TensorFlow's number of the type; tfjs calls bytes int32. */
  readonly tensorMap: { get(dataId: object): { readonly dtype: number } };
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  read(dataId: object): Promise<Float32Array | Int32Array | Uint8Array>;
}

/** Names of the native binding's attribute kinds. */
export type AttributeTypeName =
  | 'TF_ATTR_STRING'
  | 'TF_ATTR_INT'
  | 'TF_ATTR_FLOAT'
  | 'TF_ATTR_BOOL'
  | 'TF_ATTR_TYPE'
  | 'TF_ATTR_SHAPE';
/** Names of the native binding's element types. */
export type DataTypeName = 'TF_FLOAT' | 'TF_INT32' | 'TF_BOOL' | 'TF_UINT8';

/** The active backend; throws unless it is TensorFlow's. */
export function nativeBackend(): NativeBackend {
  const backend: unknown = tf.backend();
  if (typeof backend === 'object' && backend !== null && 'executeSingleOutput' in backend) {
    return backend as NativeBackend;
  }
  throw new Error(
    `the backend is "${tf.getBackend()}", not TensorFlow: start it before any numerics`,
  );
}

/** Runs one TensorFlow op with a single output by its name; `T` is float32. */
export function nativeOp(
  name: string,
  inputs: readonly tf.Tensor[],
  attributes: readonly OpAttribute[] = [typeAttribute('T', 'TF_FLOAT')],
): tf.Tensor {
  return nativeBackend().executeSingleOutput(name, [...attributes], [...inputs]);
}

/** The same for an op with several outputs. */
export function nativeOps(
  name: string,
  inputs: readonly tf.Tensor[],
  outputs: number,
  attributes: readonly OpAttribute[] = [typeAttribute('T', 'TF_FLOAT')],
): tf.Tensor[] {
  return nativeBackend().executeMultipleOutputs(name, [...attributes], [...inputs], outputs);
}

/** An attribute that holds an element type, such as `T`. */
export function typeAttribute(name: string, type: DataTypeName): OpAttribute {
  return numberedType(name, nativeBackend().binding[type]);
}

/** The same by TensorFlow's number of the type, also of one that the binding has no name for. */
export function numberedType(name: string, value: number): OpAttribute {
  return { name, type: nativeBackend().binding.TF_ATTR_TYPE, value };
}

/** An attribute that is no type. */
export function attribute(
  name: string,
  type: Exclude<AttributeTypeName, 'TF_ATTR_TYPE'>,
  value: OpAttribute['value'],
): OpAttribute {
  return { name, type: nativeBackend().binding[type], value };
}

/** The type that TensorFlow knows a tensor by. */
export function nativeType(backend: NativeBackend, tensor: tf.Tensor): DataType {
  const number = backend.tensorMap.get(tensor.dataId).dtype;
  const found = Object.entries(dataTypes).find(([, value]) => value === number);
  if (found === undefined) throw new Error(`graphs do not hold tensors of type ${tensor.dtype}`);
  return found[0] as DataType;
}
