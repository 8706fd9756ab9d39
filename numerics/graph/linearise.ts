/**
 * Parts a graph into what does not depend on its last inputs and what does: at a fixed point the
 * first part runs once, the second once per product, as JAX's `linearize` does with a tangent.
 */
import {
  ancestors,
  edgeNode,
  type Graph,
  type GraphNode,
  type OpNode,
  type TensorSpec,
} from './graph.js';

/** A graph split into what is fixed at a point and what is linear in the varying inputs. */
export interface Linearised {
  /** From the fixed inputs to the computed values that products need. */
  readonly fixed: Graph;
  /** Positions of the fixed inputs that products need as they are. */
  readonly passed: readonly number[];
  /** From the values of `fixed`, the passed inputs and the varying ones to the asked outputs. */
  readonly product: (specs: readonly TensorSpec[]) => Graph;
}

/**
 * The last `varying` inputs change from product to product; every output of `outputs` must depend
 * on them. What shapes and types the values of `fixed` have is known after a run of it.
 */
export function linearise(graph: Graph, varying: number, outputs: readonly number[]): Linearised {
  const split = graph.inputs.length - varying;
  const asked = outputs.map((i) => graph.outputs[i]!);
  const needed = ancestors(graph.nodes, asked);
  const moving = dependents(needed, graph.inputs.slice(split));
  const outer = needed.filter((node) => !moving.has(node.name));
  const used = new Set([...moving.values()].flatMap(({ inputs }) => inputs));
  const producers = new Map(outer.map((node) => [node.name, node]));
  const computed = [...used].filter((edge) => producers.get(edgeNode(edge))?.kind === 'op');
  const passed = graph.inputs.flatMap((edge, i) => (i < split && used.has(edge) ? [i] : []));
  return {
    fixed: {
      nodes: fixedNodes(graph, split, computed),
      inputs: graph.inputs.slice(0, split),
      inputSpecs: graph.inputSpecs.slice(0, split),
      outputs: computed,
    },
    passed,
    product: (specs) => {
      const kept = [...passed, ...graph.inputs.slice(split).map((_, i) => split + i)];
      const constants = outer.filter(({ kind }) => kind === 'constant');
      const rest = [...constants, ...moving.values()];
      return { ...productGraph(graph, kept, rest, computed, specs), outputs: asked };
    },
  };
}

/** Op nodes that depend on the edges, by name. */
function dependents(nodes: readonly GraphNode[], edges: readonly string[]): Map<string, OpNode> {
  const sources = new Set(edges.map(edgeNode));
  const found = new Map<string, OpNode>();
  for (const node of nodes) {
    if (node.kind !== 'op' || !node.inputs.some((edge) => sources.has(edgeNode(edge)))) continue;
    sources.add(node.name);
    found.set(node.name, node);
  }
  return found;
}

/** The ancestors of the edges, and every fixed input: a session must know whatever it is fed. */
function fixedNodes(graph: Graph, split: number, edges: readonly string[]): GraphNode[] {
  const needed = new Set(ancestors(graph.nodes, edges).map(({ name }) => name));
  const fed = new Set(graph.inputs.slice(0, split).map(edgeNode));
  return graph.nodes.filter(({ name }) => needed.has(name) || fed.has(name));
}

/** The nodes behind placeholders for the computed values and the kept inputs. */
function productGraph(
  graph: Graph,
  kept: readonly number[],
  nodes: readonly GraphNode[],
  computed: readonly string[],
  specs: readonly TensorSpec[],
): Omit<Graph, 'outputs'> {
  const crossing = new Map(computed.map((edge, i) => [edge, `fixed_${i}`]));
  const rename = (edge: string): string => {
    const name = crossing.get(edge);
    return name === undefined ? edge : `${name}:0`;
  };
  const names = [...crossing.values(), ...kept.map((i) => edgeNode(graph.inputs[i]!))];
  const inputSpecs = [...specs, ...kept.map((i) => graph.inputSpecs[i]!)];
  const placeholders = names.map((name, i): GraphNode => {
    return { kind: 'placeholder', name, ...inputSpecs[i]! };
  });
  const renamed = nodes.map((node) =>
    node.kind === 'op' ? { ...node, inputs: node.inputs.map(rename) } : node,
  );
  return {
    nodes: [...placeholders, ...renamed],
    inputs: names.map((name) => `${name}:0`),
    inputSpecs,
  };
}
