/** A recorded computation: nodes in topological order, as TensorFlow's GraphDef knows them. */

/** TensorFlow's types that graphs here hold, with its numbers for them. */
export const dataTypes = { float32: 1, int32: 3, uint8: 4, bool: 10 } as const;
/** Element type of a tensor in a graph. */
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

/** An argument of the captured function. */
export interface PlaceholderNode extends TensorSpec {
  readonly kind: 'placeholder';
  readonly name: string;
}

/** A tensor that the captured function used and did not compute. */
export interface ConstantNode extends TensorSpec {
  readonly kind: 'constant';
  readonly name: string;
  /** Row-major values. */
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** One call of a TensorFlow kernel. */
export interface OpNode {
  readonly kind: 'op';
  readonly name: string;
  readonly op: string;
  /** `<node>:<output>` of each argument. */
  readonly inputs: readonly string[];
  readonly attributes: readonly OpAttribute[];
  /** How many outputs the op has. */
  readonly count: number;
  /** Names of nodes that run before this one although it does not use their values. */
  readonly after?: readonly string[];
  /** Rewrites to another precision leave it as it is. */
  readonly exact?: true;
  /** [batch, h, w, in] of the images, recorded with a convolution's filter gradient, whose best form they decide. */
  readonly imageShape?: readonly number[];
}

/** A value that stays in the session from one call to the next. */
export interface VariableNode extends TensorSpec {
  readonly kind: 'variable';
  readonly name: string;
}

/** The variable's value after the named nodes. */
export interface ReadNode {
  readonly kind: 'read';
  readonly name: string;
  readonly variable: VariableNode;
  readonly after: readonly string[];
}

/** Gives the variable a new value, after the named nodes. */
export interface AssignNode {
  readonly kind: 'assign';
  readonly name: string;
  readonly variable: VariableNode;
  /** `<node>:<output>`. */
  readonly value: string;
  readonly after: readonly string[];
}

/** One step of gradient descent with momentum, in place: v ← μ v + g, w ← w - η v; Nesterov's is w ← w - η (g + μ v). */
export interface UpdateNode {
  readonly kind: 'update';
  readonly name: string;
  readonly weights: VariableNode;
  readonly velocity: VariableNode;
  /** η [], `<node>:<output>`, as the next two. */
  readonly learningRate: string;
  /** g, of the weights' shape. */
  readonly gradient: string;
  /** μ []. */
  readonly momentum: string;
  readonly nesterov: boolean;
  readonly after: readonly string[];
}

/** A node of a recorded computation. */
export type GraphNode =
  PlaceholderNode | ConstantNode | OpNode | VariableNode | ReadNode | AssignNode | UpdateNode;

/** One way to call a graph: what goes in and what comes out. */
export interface Signature {
  /** `<node>:0` of each placeholder, in argument order. */
  readonly inputs: readonly string[];
  readonly inputSpecs: readonly TensorSpec[];
  /** `<node>:<output>` of each result. */
  readonly outputs: readonly string[];
}

/** Nodes in topological order, with the signature of the function that they compute. */
export interface Graph extends Signature {
  readonly nodes: readonly GraphNode[];
}

/** Edges that the node takes, and names of nodes that it waits for. */
function nodeSources(node: GraphNode): { edges: readonly string[]; after: readonly string[] } {
  switch (node.kind) {
    case 'op':
      return { edges: node.inputs, after: node.after ?? [] };
    case 'read':
      return { edges: [], after: [node.variable.name, ...node.after] };
    case 'update': {
      const { learningRate, gradient, momentum, weights, velocity, after } = node;
      const edges = [learningRate, gradient, momentum];
      return { edges, after: [weights.name, velocity.name, ...after] };
    }
    case 'assign':
      return { edges: [node.value], after: [node.variable.name, ...node.after] };
    case 'placeholder':
    case 'constant':
    case 'variable':
      return { edges: [], after: [] };
    default:
      throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
  }
}

/** `<node>` of `<node>:<output>`. */
export function edgeNode(edge: string): string {
  return edge.slice(0, edge.lastIndexOf(':'));
}

/** Nodes that the edges depend on, in the order of the list. */
export function ancestors<Node extends GraphNode>(
  nodes: readonly Node[],
  edges: readonly string[],
): Node[] {
  const needed = new Set(edges.map(edgeNode));
  const found: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!needed.has(node.name)) continue;
    found.push(node);
    const sources = nodeSources(node);
    for (const edge of sources.edges) needed.add(edgeNode(edge));
    for (const name of sources.after) needed.add(name);
  }
  return found.reverse();
}
