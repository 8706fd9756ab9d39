/** Several steps as one graph: the state of a step is the input of the next, as when they are called one by one. */
import type { DataType, Graph, GraphNode, OpAttribute, OpNode, TensorSpec } from './graph.js';
import { dataTypes, edgeNode } from './graph.js';
import { attribute, numberedType } from './native.js';

/** Inputs of a step, in order: its state, inputs held constant, and inputs fed at each step. */
export interface StepInputs {
  readonly state: number;
  readonly held: number;
}

/**
 * From (…state, …held, …fed) to (…new state, …reports), `times` times. Each fed input and each
 * report, float32 all, has one more axis in front, [times, …].
 */
export function repeat(step: Graph, { state, held }: StepInputs, times: number): Graph {
  const kept = state + held;
  const stacked = step.inputSpecs.slice(kept).map((spec, i): GraphNode => {
    return { kind: 'placeholder', name: `fed_${i}`, ...stack(spec, times) };
  });
  const splits = step.inputSpecs
    .slice(kept)
    .map((spec, i) => unpack(`each_${i}`, `fed_${i}:0`, spec, times));
  const fixed = independent(step, kept, state);
  const nodes: GraphNode[] = [...fixed, ...stacked, ...splits];
  let current = step.inputs.slice(0, state);
  const reports = step.outputs.slice(state).map((): string[] => []);
  for (let k = 0; k < times; k++) {
    const edges = new Map<string, string>();
    step.inputs.slice(0, state).forEach((edge, i) => edges.set(edge, current[i]!));
    step.inputs.slice(kept).forEach((edge, i) => edges.set(edge, `each_${i}:${k}`));
    const copies = copyStep(step, fixed, edges, `step${k}/`);
    nodes.push(...copies.nodes);
    current = step.outputs.slice(0, state).map(copies.rename);
    step.outputs.slice(state).forEach((edge, i) => reports[i]!.push(copies.rename(edge)));
  }
  nodes.push(...reports.map((edges, i) => pack(`report_${i}`, edges)));
  return {
    nodes,
    inputs: [...step.inputs.slice(0, kept), ...stacked.map(({ name }) => `${name}:0`)],
    inputSpecs: [
      ...step.inputSpecs.slice(0, kept),
      ...step.inputSpecs.slice(kept).map((spec) => stack(spec, times)),
    ],
    outputs: [...current, ...reports.map((_, i) => `report_${i}:0`)],
  };
}

function stack({ shape, dtype }: TensorSpec, times: number): TensorSpec {
  return { shape: [times, ...shape], dtype };
}

/** State and held inputs and what depends on neither state nor fed inputs: the same in every step. */
function independent(step: Graph, kept: number, state: number): GraphNode[] {
  const varying = new Set(
    [...step.inputs.slice(0, state), ...step.inputs.slice(kept)].map((edge) => edgeNode(edge)),
  );
  const inputs = new Set(step.inputs.slice(0, kept).map(edgeNode));
  return step.nodes.filter((node) => {
    if (inputs.has(node.name)) return true;
    if (node.kind === 'op' && node.inputs.some((edge) => varying.has(edgeNode(edge)))) {
      varying.add(node.name);
    }
    return !varying.has(node.name);
  });
}

/** The nodes that are not fixed under new names, with the inputs that `edges` says. */
function copyStep(
  step: Graph,
  fixed: readonly GraphNode[],
  edges: ReadonlyMap<string, string>,
  prefix: string,
): { nodes: OpNode[]; rename: (edge: string) => string } {
  const same = new Set(fixed.map(({ name }) => name));
  const rename = (edge: string): string => {
    return edges.get(edge) ?? (same.has(edgeNode(edge)) ? edge : `${prefix}${edge}`);
  };
  const nodes = step.nodes.flatMap((node) =>
    node.kind === 'op' && !same.has(node.name)
      ? [{ ...node, name: `${prefix}${node.name}`, inputs: node.inputs.map(rename) }]
      : [],
  );
  return { nodes, rename };
}

function unpack(name: string, edge: string, spec: TensorSpec, times: number): OpNode {
  const attributes = along(spec.dtype, 'num', times);
  return { kind: 'op', name, op: 'Unpack', inputs: [edge], attributes, count: times };
}

function pack(name: string, edges: readonly string[]): OpNode {
  const attributes = along('float32', 'N', edges.length);
  return { kind: 'op', name, op: 'Pack', inputs: edges, attributes, count: 1 };
}

/** Attributes of Pack and Unpack along a new first axis. */
function along(dtype: DataType, countName: 'N' | 'num', count: number): OpAttribute[] {
  const counted = attribute(countName, 'TF_ATTR_INT', count);
  return [numberedType('T', dataTypes[dtype]), counted, attribute('axis', 'TF_ATTR_INT', 0)];
}
