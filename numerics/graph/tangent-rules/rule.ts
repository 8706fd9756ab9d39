/** Forward-mode differentiation rules: from the tangents of a node's inputs to those of its outputs. */
import type { ConstantNode, OpAttribute, OpNode } from '../graph.js';
import { nativeBackend, typeAttribute } from '../native.js';

/** `<node>:<output>` of a tangent, or null where the value does not move. */
export type Tangent = string | null;

/** Appends nodes to the graph that is being built; each method returns the edge of its result. */
export interface Emit {
  /** An op with float32 for `T` where no attributes are given. */
  op(op: string, inputs: readonly string[], attributes?: readonly OpAttribute[]): string;
  constant(value: Omit<ConstantNode, 'kind' | 'name'>): string;
}

/** Arguments of a tangent rule: the node, the tangents of its inputs, and how to append nodes. */
export interface RuleArguments {
  readonly node: OpNode;
  /** Tangent of each input; at least one moves. */
  readonly tangents: readonly Tangent[];
  readonly emit: Emit;
}

/** Tangents of the outputs, in their order. */
export type TangentRule = (args: RuleArguments) => readonly Tangent[];

/** `<node>:<i>`. */
export function outputEdge(node: OpNode, i = 0): string {
  return `${node.name}:${i}`;
}

/** Sum of the terms that move. */
export function sum(emit: Emit, terms: readonly Tangent[]): Tangent {
  const moving = terms.filter((term) => term !== null);
  return moving.length === 0 ? null : moving.reduce((a, b) => emit.op('AddV2', [a, b]));
}

/** A float32 constant of shape []. */
export function scalar(emit: Emit, value: number): string {
  return emit.constant({ shape: [], dtype: 'float32', values: Float32Array.of(value) });
}

/** Sum or Max over some axes. */
export function reduce(
  emit: Emit,
  op: 'Sum' | 'Max',
  x: string,
  axes: readonly number[],
  keepDims: boolean,
): string {
  const values = Int32Array.from(axes);
  const over = emit.constant({ shape: [axes.length], dtype: 'int32', values });
  const keep = { name: 'keep_dims', type: nativeBackend().binding.TF_ATTR_BOOL, value: keepDims };
  const types = [typeAttribute('T', 'TF_FLOAT'), typeAttribute('Tidx', 'TF_INT32')];
  return emit.op(op, [x, over], [...types, keep]);
}

/** An op that has no tangent. */
export class NoTangentError extends Error {
  override readonly name = 'NoTangentError';
  /** TensorFlow's name of the op. */
  readonly op: string;

  constructor({ op, name }: OpNode, reason: string) {
    super(`no tangent of ${op} (node ${name}): ${reason}`);
    this.op = op;
  }
}

/** Throws, naming the node: a derivative that is not implemented must never be taken for zero. */
export function refuse(node: OpNode, reason: string): never {
  throw new NoTangentError(node, reason);
}
