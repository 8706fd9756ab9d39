/** A recorded computation: nodes in topological order, as TensorFlow's GraphDef knows them. */

/** TensorFlow's types that graphs here hold, with its numbers for them. */
export const dataTypes = { float32: 1, int32: 3, uint8: 4, bool: 10 } as const;
export type DataType = keyof typeof dataTypes;

/** One attribute of an op as the native binding takes it: `type` is one of its TF_ATTR_ numbers. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | readonly number[];
}

/** Shape and type of a value that enters or leaves a graph. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

export interface PlaceholderNode extends TensorSpec {
  readonly kind: 'placeholder';
  readonly name: string;
}

export interface ConstantNode extends TensorSpec {
  readonly kind: 'constant';
  readonly name: string;
  /** Row-major values. */
  readonly values: Float32Array | Int32Array | Uint8Array;
}

export interface OpNode {
  readonly kind: 'op';
  readonly name: string;
  readonly op: string;
  /** `<node>:<output>` of each argument. */
  readonly inputs: readonly string[];
  readonly attributes: readonly OpAttribute[];
}

export type GraphNode = PlaceholderNode | ConstantNode | OpNode;

export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** `<node>:0` of each placeholder, in argument order. */
  readonly inputs: readonly string[];
  readonly inputSpecs: readonly TensorSpec[];
  /** `<node>:<output>` of each result. */
  readonly outputs: readonly string[];
}
