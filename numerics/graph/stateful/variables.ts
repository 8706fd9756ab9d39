/** The variables of a session: set from outside, read out, emptied. */
import type {
  AssignNode,
  Graph,
  GraphNode,
  OpNode,
  PlaceholderNode,
  ReadNode,
  Signature,
  TensorSpec,
  VariableNode,
} from '../graph.js';
import { dataTypes } from '../graph.js';
import { numberedType } from '../native.js';

/** Nodes and the way to call them. */
export interface Part {
  readonly nodes: readonly GraphNode[];
  readonly signature: Signature;
}

/** A variable of this shape and type. */
export function variable(name: string, { shape, dtype }: TensorSpec): VariableNode {
  return { kind: 'variable', name, shape, dtype };
}

/** The variable's value once the nodes `after` have run. */
export function read(name: string, of: VariableNode, after: readonly string[] = []): ReadNode {
  return { kind: 'read', name, variable: of, after };
}

/** The edge under another name, once the nodes `after` have run. */
export function identity(
  name: string,
  edge: string,
  after: readonly string[],
  dtype: TensorSpec['dtype'] = 'float32',
): OpNode {
  return unary('Identity', name, edge, after, dtype);
}

/**
 * From one value per variable to a token that says that they are set. A variable keeps a copy: what
 * is fed is memory of JavaScript, which must be let go in JavaScript's thread, and a variable lets
 * go of its value in whichever thread assigns the next.
 */
export function setter(prefix: string, variables: readonly VariableNode[]): Part {
  const values = variables.map(({ name, shape, dtype }): PlaceholderNode => {
    return { kind: 'placeholder', name: `${prefix}_${name}`, shape, dtype };
  });
  const copies = values.map(({ name, dtype }) =>
    unary('DeepCopy', `${prefix}_copy_${name}`, `${name}:0`, [], dtype),
  );
  const assigned = variables.map((of, i): AssignNode => {
    const name = `${prefix}_assign_${of.name}`;
    return { kind: 'assign', name, variable: of, value: `${copies[i]!.name}:0`, after: [] };
  });
  const one: GraphNode = {
    kind: 'constant',
    name: `${prefix}_one`,
    shape: [],
    dtype: 'float32',
    values: Float32Array.of(1),
  };
  const token = identity(
    `${prefix}_done`,
    `${one.name}:0`,
    assigned.map(({ name }) => name),
  );
  return {
    nodes: [...values, ...copies, ...assigned, one, token],
    signature: {
      inputs: values.map(({ name }) => `${name}:0`),
      inputSpecs: variables.map(({ shape, dtype }) => ({ shape, dtype })),
      outputs: [`${token.name}:0`],
    },
  };
}

/** From nothing to the values of the variables. */
export function reader(variables: readonly VariableNode[]): Part {
  const reads = variables.map((of) => read(`read_${of.name}`, of));
  const values = reads.map((node) =>
    identity(`value_${node.name}`, `${node.name}:0`, [], node.variable.dtype),
  );
  return {
    nodes: [...reads, ...values],
    signature: { inputs: [], inputSpecs: [], outputs: values.map(({ name }) => `${name}:0`) },
  };
}

/** From nothing to a token that says that every variable of the nodes holds a single zero. */
export function clearing(nodes: readonly GraphNode[]): Graph {
  const variables = nodes.filter((node) => node.kind === 'variable');
  const zeros = variables.map(({ name, dtype }): GraphNode => {
    return { kind: 'constant', name: `clear_${name}`, shape: [], dtype, values: zeroValue(dtype) };
  });
  const assigned = variables.map((of, i): AssignNode => {
    const name = `clear_assign_${of.name}`;
    return { kind: 'assign', name, variable: of, value: `${zeros[i]!.name}:0`, after: [] };
  });
  const token = identity(
    'clear_done',
    `${zeros[0]?.name ?? ''}:0`,
    assigned.map(({ name }) => name),
    variables[0]?.dtype,
  );
  return {
    nodes: variables.length > 0 ? [...zeros, ...assigned, token] : [],
    inputs: [],
    inputSpecs: [],
    outputs: variables.length > 0 ? [`${token.name}:0`] : [],
  };
}

function zeroValue(dtype: TensorSpec['dtype']): Float32Array | Int32Array | Uint8Array {
  switch (dtype) {
    case 'float32':
      return Float32Array.of(0);
    case 'int32':
      return Int32Array.of(0);
    case 'uint8':
    case 'bool':
      return Uint8Array.of(0);
    default:
      throw new Error(`unknown type ${String(dtype satisfies never)}`);
  }
}

function unary(
  op: string,
  name: string,
  edge: string,
  after: readonly string[],
  dtype: TensorSpec['dtype'],
): OpNode {
  const attributes = [numberedType('T', dataTypes[dtype])];
  return { kind: 'op', name, op, inputs: [edge], attributes, count: 1, after };
}
