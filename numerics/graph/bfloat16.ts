/**
 * Runs convolutions and matrix products of recorded nodes in bfloat16, and whatever of a network lies between
 * them: bias, ReLU, pooling, batch norm, residual sums. Losses, updates and weights stay float32 (as PyTorch's
 * autocast divides the work). Casts stand where the two meet. Ops recorded under `inFloat32` stay as they are.
 */
import type { GraphHost } from './compile.js';
import { dataTypes, type GraphNode, type OpNode } from './graph.js';
import { attribute, numberedType } from './native.js';
import { withSwappedFilterGradients } from './swapped-filter-gradient.js';

/** TensorFlow's number for bfloat16; such values live inside a graph only. */
const bfloat16Type = 14;

/** Ops worth a cast of their arguments: which inputs are the floating-point ones. */
const leading: Readonly<Record<string, readonly number[]>> = {
  Conv2D: [0, 1],
  Conv2DBackpropInput: [1, 2],
  Conv2DBackpropFilter: [0, 2],
  DepthwiseConv2dNative: [0, 1],
  MatMul: [0, 1],
  BatchMatMulV2: [0, 1],
};

/**
 * Ops that are done in bfloat16 where the inputs `when` are results of such ops. Batch norm takes bfloat16 images and
 * keeps float32 statistics; sums of many terms are accumulated in float32 by the kernels.
 */
const following: Readonly<Record<string, { when: readonly number[]; cast: readonly number[] }>> = {
  BiasAdd: { when: [0], cast: [0, 1] },
  BiasAddGrad: { when: [0], cast: [0] },
  Add: { when: [0, 1], cast: [0, 1] },
  AddV2: { when: [0, 1], cast: [0, 1] },
  Relu: { when: [0], cast: [0] },
  ReluGrad: { when: [0, 1], cast: [0, 1] },
  MaxPool: { when: [0], cast: [0] },
  MaxPoolGrad: { when: [0, 1, 2], cast: [0, 1, 2] },
  FusedBatchNormV3: { when: [0], cast: [0] },
  FusedBatchNormGradV3: { when: [0, 1], cast: [0, 1] },
  Reshape: { when: [0], cast: [0] },
  Transpose: { when: [0], cast: [0] },
  Slice: { when: [0], cast: [0] },
  PadV2: { when: [0], cast: [0, 2] },
};

/** A host that computes what it is given in bfloat16 where that pays. */
export function bfloat16Host(host: GraphHost): GraphHost {
  return {
    load(nodes) {
      const { nodes: rewritten, current } = inBfloat16(nodes);
      const session = host.load(rewritten);
      return {
        run: (signature, inputs) =>
          session.run({ ...signature, outputs: signature.outputs.map(current) }, inputs),
        dispose: () => session.dispose(),
      };
    },
  };
}

/** Nodes with convolutions and matrix products in bfloat16, and where each edge of the old ones is now, in float32. */
export interface Rewritten {
  readonly nodes: readonly GraphNode[];
  readonly current: (edge: string) => string;
}

/** Rewrites nodes in topological order. */
export function inBfloat16(nodes: readonly GraphNode[]): Rewritten {
  const rewrite = new Rewrite();
  for (const node of withSwappedFilterGradients(nodes)) rewrite.add(node);
  return { nodes: rewrite.nodes, current: (edge) => rewrite.current(edge) };
}

/** The growing list and where its edges are; does not outlive the call. */
class Rewrite {
  readonly nodes: GraphNode[] = [];
  /** From a float32 edge to the edge that holds the same in bfloat16. */
  readonly #twins = new Map<string, string>();
  /** Float32 edges whose values were computed in bfloat16. */
  readonly #computed = new Set<string>();
  /** Further outputs of ops that have another name now. */
  readonly #renamed = new Map<string, string>();

  add(node: GraphNode): void {
    const known = this.#withNewEdges(node);
    const inputs = known.kind === 'op' && !known.exact ? this.#lowered(known) : null;
    if (known.kind !== 'op' || inputs === null) this.nodes.push(known);
    else this.#lower(known, inputs);
  }

  current(edge: string): string {
    return this.#renamed.get(edge) ?? edge;
  }

  #withNewEdges(node: GraphNode): GraphNode {
    const current = (edge: string): string => this.current(edge);
    switch (node.kind) {
      case 'op':
        return { ...node, inputs: node.inputs.map(current) };
      case 'assign':
        return { ...node, value: current(node.value) };
      case 'update': {
        const { learningRate, gradient, momentum } = node;
        const edges = [learningRate, gradient, momentum].map(current);
        return { ...node, learningRate: edges[0]!, gradient: edges[1]!, momentum: edges[2]! };
      }
      case 'placeholder':
      case 'constant':
      case 'variable':
      case 'read':
        return node;
      default:
        throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
    }
  }

  /** Which inputs become bfloat16; null where the op stays as it is. */
  #lowered(node: OpNode): readonly number[] | null {
    if (!isFloat32(node)) return null;
    const lead = leading[node.op];
    if (lead) return lead;
    const follow = following[node.op];
    return follow?.when.every((i) => this.#computed.has(node.inputs[i]!)) ? follow.cast : null;
  }

  /** The op in bfloat16, and under its old name the cast back, which is pruned where nobody asks. */
  #lower(node: OpNode, cast: readonly number[]): void {
    const inputs = node.inputs.map((edge, i) => (cast.includes(i) ? this.#twin(edge) : edge));
    const attributes = node.attributes.map((attribute) =>
      attribute.name === 'T' ? { ...attribute, value: bfloat16Type } : attribute,
    );
    const name = `${node.name}_bfloat16`;
    this.nodes.push({ ...node, name, inputs, attributes });
    this.nodes.push(castNode(node.name, `${name}:0`, bfloat16Type, dataTypes.float32));
    this.#twins.set(`${node.name}:0`, `${name}:0`);
    this.#computed.add(`${node.name}:0`);
    for (let i = 1; i < node.count; i++) this.#renamed.set(`${node.name}:${i}`, `${name}:${i}`);
  }

  #twin(edge: string): string {
    const known = this.#twins.get(edge);
    if (known !== undefined) return known;
    const name = `${edge.replace(':', '_')}_to_bfloat16`;
    this.nodes.push(castNode(name, edge, dataTypes.float32, bfloat16Type));
    this.#twins.set(edge, `${name}:0`);
    return `${name}:0`;
  }
}

function isFloat32({ attributes }: OpNode): boolean {
  return attributes.some(({ name, value }) => name === 'T' && value === dataTypes.float32);
}

function castNode(name: string, edge: string, from: number, to: number): OpNode {
  const attributes = [
    numberedType('SrcT', from),
    numberedType('DstT', to),
    attribute('Truncate', 'TF_ATTR_BOOL', false),
  ];
  return { kind: 'op', name, op: 'Cast', inputs: [edge], attributes, count: 1 };
}
