/**
 * Forward mode over a recorded graph: appends the nodes that compute how its outputs move when its
 * inputs do, J v, exactly (Griewank and Walther 2008, "Evaluating Derivatives", section 3.1). Over
 * a recorded gradient this is Pearlmutter's product with the Hessian (Pearlmutter 1994, "Fast exact
 * multiplication by the Hessian"): forward over reverse, at a small multiple of the gradient's cost.
 */
import {
  ancestors,
  edgeNode,
  type ConstantNode,
  type Graph,
  type GraphNode,
  type OpNode,
  type PlaceholderNode,
} from './graph.js';
import { typeAttribute } from './native.js';
import { batchNorm } from './tangent-rules/batch-norm.js';
import { elementwise } from './tangent-rules/elementwise.js';
import { constantAlmostEverywhere, multilinear } from './tangent-rules/multilinear.js';
import {
  refuse,
  type Emit,
  type RuleArguments,
  type Tangent,
  type TangentRule,
} from './tangent-rules/rule.js';
import { selecting } from './tangent-rules/selecting.js';
import { softmaxFamily } from './tangent-rules/softmax.js';

const rules: Readonly<Record<string, TangentRule>> = {
  ...multilinear,
  ...elementwise,
  ...selecting,
  ...softmaxFamily,
  ...batchNorm,
};

/**
 * The graph with one more input per entry of `moving`, its tangent, and one more output per entry
 * of `outputs`, the tangent of that output (all outputs by default). Inputs not in `moving` stay
 * where they are. Throws on an op without a rule between what moves and what is asked for.
 */
export function tangent(
  graph: Graph,
  moving: readonly number[],
  outputs: readonly number[] = graph.outputs.map((_, i) => i),
): Graph {
  const extension = new Extension(graph);
  const seeds = moving.map((i) => extension.seed(i));
  const asked = outputs.map((i) => graph.outputs[i]!);
  for (const node of ancestors(graph.nodes, asked))
    if (node.kind === 'op') extension.differentiate(node);
  return {
    nodes: extension.nodes,
    inputs: [...graph.inputs, ...seeds],
    inputSpecs: [...graph.inputSpecs, ...moving.map((i) => graph.inputSpecs[i]!)],
    outputs: [...graph.outputs, ...asked.map((edge) => extension.tangentOrZero(edge))],
  };
}

/** The growing graph and the tangent of every edge that moves; does not outlive `tangent`. */
class Extension {
  readonly nodes: GraphNode[];
  readonly #graph: Graph;
  readonly #names: Set<string>;
  readonly #tangents = new Map<string, string>();
  readonly #constants = new Map<string, string>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.nodes = [...graph.nodes];
    this.#names = new Set(graph.nodes.map(({ name }) => name));
  }

  seed(input: number): string {
    const spec = this.#graph.inputSpecs[input];
    if (spec?.dtype !== 'float32') throw new Error(`input ${input} is not one that can move`);
    const edge = this.#graph.inputs[input]!;
    const name = this.#fresh(edgeNode(edge));
    this.nodes.push({ kind: 'placeholder', name, ...spec } satisfies PlaceholderNode);
    this.#tangents.set(edge, `${name}:0`);
    return `${name}:0`;
  }

  differentiate(node: OpNode): void {
    const tangents = node.inputs.map((input): Tangent => this.#tangents.get(input) ?? null);
    if (constantAlmostEverywhere.has(node.op)) return;
    if (tangents.every((input) => input === null)) return;
    const rule = rules[node.op] ?? refuse(node, 'there is no rule for this op');
    const args: RuleArguments = { node, tangents, emit: this.#emitFor(node) };
    rule(args).forEach((moved, i) => {
      if (moved !== null) this.#tangents.set(`${node.name}:${i}`, moved);
    });
  }

  /** Tangent of an edge that does not move: zeros of its shape. */
  tangentOrZero(edge: string): string {
    const name = this.#fresh(edgeNode(edge));
    const known = this.#tangents.get(edge);
    const op = known === undefined ? 'ZerosLike' : 'Identity';
    const attributes = [typeAttribute('T', 'TF_FLOAT')];
    this.nodes.push({ kind: 'op', name, op, inputs: [known ?? edge], attributes, count: 1 });
    return `${name}:0`;
  }

  #emitFor(node: OpNode): Emit {
    return {
      op: (op, inputs, attributes = [typeAttribute('T', 'TF_FLOAT')]) => {
        const name = this.#fresh(node.name);
        const exact = node.exact ? ({ exact: true } as const) : {};
        const count = op === node.op ? node.count : 1;
        this.nodes.push({ kind: 'op', name, op, inputs, attributes, count, ...exact });
        return `${name}:0`;
      },
      constant: (value) => this.#constant(value),
    };
  }

  #constant(value: Omit<ConstantNode, 'kind' | 'name'>): string {
    const content = `${value.dtype}[${value.shape.join()}]${value.values.join()}`;
    const known = this.#constants.get(content);
    if (known !== undefined) return known;
    const name = this.#fresh('constant');
    this.nodes.push({ kind: 'constant', name, ...value });
    this.#constants.set(content, `${name}:0`);
    return `${name}:0`;
  }

  /** A name that the graph does not have, even where it is a tangent graph itself. */
  #fresh(base: string): string {
    for (let i = 0; ; i++) {
      const name = `${base}_tangent${i === 0 ? '' : `_${i}`}`;
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      return name;
    }
  }
}
