/**
 * Steps that share variables of one session: weights, optimiser state and data are set once and
 * stay, so that a call feeds only what changes. What TensorFlow's own training loops do.
 */
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
} from './graph.js';
import { dataTypes, edgeNode } from './graph.js';
import { numberedType } from './native.js';

/** One graph in which several steps share variables, with a signature for each way to call it. */
export interface StatefulGraph {
  readonly nodes: readonly GraphNode[];
  /** Gives the variables of the state their values. */
  readonly setState: Signature;
  /** The same for what the steps only read. */
  readonly setHeld: Signature;
  readonly readState: Signature;
  /** From the fed inputs to the reports, in the order of the given steps; each moves the state on. */
  readonly steps: readonly Signature[];
}

/**
 * Each step is a graph from (…state, …held, …fed) to (…new state, …reports); all have the same
 * state and held inputs.
 */
export function stateful(
  state: readonly TensorSpec[],
  held: readonly TensorSpec[],
  steps: readonly Graph[],
): StatefulGraph {
  const stateVariables = state.map((spec, i) => variable(`state_${i}`, spec));
  const heldVariables = held.map((spec, i) => variable(`held_${i}`, spec));
  const variables = [...stateVariables, ...heldVariables];
  const parts = steps.map((step, i) => bound(step, stateVariables, heldVariables, `call${i}/`));
  const setState = setter('set_state', stateVariables);
  const setHeld = setter('set_held', heldVariables);
  const readState = reader(stateVariables);
  return {
    nodes: [
      variables,
      setState.nodes,
      setHeld.nodes,
      readState.nodes,
      ...parts.map((p) => p.nodes),
    ].flat(),
    setState: setState.signature,
    setHeld: setHeld.signature,
    readState: readState.signature,
    steps: parts.map(({ signature }) => signature),
  };
}

interface Part {
  readonly nodes: readonly GraphNode[];
  readonly signature: Signature;
}

function variable(name: string, { shape, dtype }: TensorSpec): VariableNode {
  return { kind: 'variable', name, shape, dtype };
}

function read(name: string, of: VariableNode): ReadNode {
  return { kind: 'read', name, variable: of };
}

/** The reports wait for the assignments, the assignments for every read: no step sees half of the next. */
function bound(
  step: Graph,
  state: readonly VariableNode[],
  held: readonly VariableNode[],
  prefix: string,
): Part {
  const variables = [...state, ...held];
  const reads = new Map(
    variables.map((of, i) => [edgeNode(step.inputs[i]!), read(`${prefix}read_${of.name}`, of)]),
  );
  const rename = (edge: string): string => {
    const instead = reads.get(edgeNode(edge));
    return instead ? `${instead.name}:0` : `${prefix}${edge}`;
  };
  const nodes = step.nodes.flatMap((node) => renamed(node, prefix, rename, reads));
  const before = [...reads.values()].map(({ name }) => name);
  const assigned = state.map((of, i): AssignNode => ({
    kind: 'assign',
    name: `${prefix}assign_${of.name}`,
    variable: of,
    value: rename(step.outputs[i]!),
    after: before,
  }));
  const done = assigned.map(({ name }) => name);
  const reports = step.outputs
    .slice(state.length)
    .map((edge, i) => identity(`${prefix}reported_${i}`, rename(edge), done));
  return {
    nodes: [...reads.values(), ...nodes, ...assigned, ...reports],
    signature: {
      inputs: step.inputs.slice(variables.length).map(rename),
      inputSpecs: step.inputSpecs.slice(variables.length),
      outputs: reports.map(({ name }) => `${name}:0`),
    },
  };
}

function renamed(
  node: GraphNode,
  prefix: string,
  rename: (edge: string) => string,
  reads: ReadonlyMap<string, ReadNode>,
): GraphNode[] {
  if (reads.has(node.name)) return [];
  const name = `${prefix}${node.name}`;
  switch (node.kind) {
    case 'op':
      return [{ ...node, name, inputs: node.inputs.map(rename) }];
    case 'placeholder':
    case 'constant':
      return [{ ...node, name }];
    case 'variable':
    case 'read':
    case 'assign':
      throw new Error(`${node.name}: a step with variables of its own`);
    default:
      throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
  }
}

/**
 * From one value per variable to a token that says that they are set. A variable keeps a copy: what
 * is fed is memory of JavaScript, which must be let go in JavaScript's thread, and a variable lets
 * go of its value in whichever thread assigns the next.
 */
function setter(prefix: string, variables: readonly VariableNode[]): Part {
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

function reader(variables: readonly VariableNode[]): Part {
  const reads = variables.map((of) => read(`read_${of.name}`, of));
  const values = reads.map((node) =>
    identity(`value_${node.name}`, `${node.name}:0`, [], node.variable.dtype),
  );
  return {
    nodes: [...reads, ...values],
    signature: { inputs: [], inputSpecs: [], outputs: values.map(({ name }) => `${name}:0`) },
  };
}

function identity(
  name: string,
  edge: string,
  after: readonly string[],
  dtype: TensorSpec['dtype'] = 'float32',
): OpNode {
  return unary('Identity', name, edge, after, dtype);
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
