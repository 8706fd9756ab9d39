/**
 * Parts a graph into what does not depend on some of its inputs and what does: at a fixed point the
 * first part runs once, the second once per product, as JAX's `linearize` does with a tangent.
 */
import type { Graph, GraphNode, OpNode, TensorSpec } from './graph.js';
import { ancestors, nodeOf } from './tangent.js';

export interface Linearised {
  /** From the fixed inputs to every value that the products need of them. */
  readonly fixed: Graph;
  /** Fixed inputs that the products need as they are. */
  readonly passed: readonly number[];
  /**
   * From the values of `fixed`, the passed inputs and the varying ones to the outputs; what shape
   * and type the values of `fixed` have is known after a run of it.
   */
  product(specs: readonly TensorSpec[]): Graph;
}

/** `varying` are the graph's last inputs, `outputs` positions of outputs that depend on them. */
export function linearise(graph: Graph, varying: number, outputs: readonly number[]): Linearised {
  const split = graph.inputs.length - varying;
  const seeds = graph.inputs.slice(split);
  const asked = outputs.map((i) => graph.outputs[i]!);
  const needed = ancestors(graph, asked);
  const moving = dependents(needed, seeds);
  const inner = new Set([...seeds, ...moving.map(({ name }) => `${name}:0`)].map(nodeOf));
  const outer = new Map(needed.filter(({ name }) => !inner.has(name)).map((n) => [n.name, n]));
  const border = [...new Set(moving.flatMap(({ inputs }) => inputs))].filter((edge) =>
    outer.has(nodeOf(edge)),
  );
  const of = (kind: GraphNode['kind']) =>
    border.filter((edge) => outer.get(nodeOf(edge))!.kind === kind);
  const computed = of('op');
  const passed = of('placeholder').map((edge) => graph.inputs.indexOf(edge));
  const constants = of('constant').map((edge) => outer.get(nodeOf(edge))!);

  return {
    fixed: {
      nodes: withPlaceholders(graph, ancestors(graph, computed), split),
      inputs: graph.inputs.slice(0, split),
      inputSpecs: graph.inputSpecs.slice(0, split),
      outputs: computed,
    },
    passed,
    product: (specs) => {
      // An output of a node is not a name: each value that crosses gets a placeholder of its own.
      const names = new Map(computed.map((edge, i) => [edge, `fixed_${i}`]));
      const rename = (edge: string): string => (names.has(edge) ? `${names.get(edge)}:0` : edge);
      const placeholders = computed.map((edge, i): GraphNode => {
        return { kind: 'placeholder', name: names.get(edge)!, ...specs[i]! };
      });
      const kept = [...passed, ...seeds.map((_, i) => split + i)];
      const inputNodes = kept.map((i): GraphNode => {
        return { kind: 'placeholder', name: nodeOf(graph.inputs[i]!), ...graph.inputSpecs[i]! };
      });
      return {
        nodes: [
          ...placeholders,
          ...inputNodes,
          ...constants,
          ...moving.map((node) => ({ ...node, inputs: node.inputs.map(rename) })),
        ],
        inputs: [
          ...placeholders.map(({ name }) => `${name}:0`),
          ...kept.map((i) => graph.inputs[i]!),
        ],
        inputSpecs: [...specs, ...kept.map((i) => graph.inputSpecs[i]!)],
        outputs: asked,
      };
    },
  };
}

/** Op nodes that depend on the edges. */
function dependents(nodes: readonly GraphNode[], edges: readonly string[]): OpNode[] {
  const moving = new Set(edges.map(nodeOf));
  return nodes.filter((node): node is OpNode => {
    if (node.kind !== 'op' || !node.inputs.some((edge) => moving.has(nodeOf(edge)))) return false;
    moving.add(node.name);
    return true;
  });
}

/** The nodes, and every fixed input, since a session must know what it is fed. */
function withPlaceholders(graph: Graph, nodes: readonly GraphNode[], split: number): GraphNode[] {
  const fed = new Set(graph.inputs.slice(0, split).map(nodeOf));
  const placeholders = graph.nodes.filter(({ name }) => fed.has(name));
  return [...placeholders, ...nodes.filter(({ name }) => !fed.has(name))];
}
