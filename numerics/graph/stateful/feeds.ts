/** What a call is fed and what it reports, for one step or stacked for several. */
import type { DataType, Graph, GraphNode, OpAttribute, OpNode, TensorSpec } from '../graph.js';
import { dataTypes, edgeNode } from '../graph.js';
import { attribute, numberedType } from '../native.js';

/** Nodes of the fed inputs. */
export interface Feeds {
  readonly nodes: readonly GraphNode[];
  /** `<node>:0` of each placeholder. */
  readonly inputs: readonly string[];
  readonly inputSpecs: readonly TensorSpec[];
  /** From the step's edge of each fed input to its value in the k-th step. */
  readonly edgesOf: (k: number) => readonly (readonly [string, string])[];
}

/** Each fed input as the step has it. */
export function fedOnce(step: Graph, kept: number, _times: number, prefix: string): Feeds {
  const inputSpecs = step.inputSpecs.slice(kept);
  const names = step.inputs.slice(kept).map((edge) => `${prefix}${edgeNode(edge)}`);
  return {
    nodes: names.map((name, i) => ({ kind: 'placeholder', name, ...inputSpecs[i]! })),
    inputs: names.map((name) => `${name}:0`),
    inputSpecs,
    edgesOf: () => step.inputs.slice(kept).map((edge, i) => [edge, `${names[i]!}:0`]),
  };
}

/** Each fed input [times, …shape], taken apart step by step. */
export function fedByStep(step: Graph, kept: number, times: number, prefix: string): Feeds {
  const specs = step.inputSpecs.slice(kept);
  const inputSpecs = specs.map(({ shape, dtype }) => ({ shape: [times, ...shape], dtype }));
  const fed = specs.map((_, i) => `${prefix}fed_${i}`);
  const placeholders = fed.map((name, i): GraphNode => {
    return { kind: 'placeholder', name, ...inputSpecs[i]! };
  });
  const unpacked = specs.map(({ dtype }, i) =>
    unpack(`${prefix}each_${i}`, `${fed[i]!}:0`, dtype, times),
  );
  return {
    nodes: [...placeholders, ...unpacked],
    inputs: fed.map((name) => `${name}:0`),
    inputSpecs,
    edgesOf: (k) => step.inputs.slice(kept).map((edge, i) => [edge, `${unpacked[i]!.name}:${k}`]),
  };
}

/** The i-th reports of all steps as one [times, …]. */
export function packReports(
  reports: readonly (readonly string[])[],
  prefix: string,
): { readonly nodes: readonly OpNode[]; readonly edges: readonly string[] } {
  const nodes = (reports[0] ?? []).map((_, i): OpNode => {
    const inputs = reports.map((edges) => edges[i]!);
    const attributes = along('float32', 'N', inputs.length);
    return { kind: 'op', name: `${prefix}report_${i}`, op: 'Pack', inputs, attributes, count: 1 };
  });
  return { nodes, edges: nodes.map(({ name }) => `${name}:0`) };
}

function unpack(name: string, edge: string, dtype: DataType, times: number): OpNode {
  const attributes = along(dtype, 'num', times);
  return { kind: 'op', name, op: 'Unpack', inputs: [edge], attributes, count: times };
}

/** Attributes of Pack and Unpack along a new first axis. */
function along(dtype: DataType, countName: 'N' | 'num', count: number): OpAttribute[] {
  const counted = attribute(countName, 'TF_ATTR_INT', count);
  return [numberedType('T', dataTypes[dtype]), counted, attribute('axis', 'TF_ATTR_INT', 0)];
}
