/** Binds steps to the variables of a session; one call takes a step once or several times. */
import type {
  AssignNode,
  Graph,
  GraphNode,
  OpNode,
  ReadNode,
  UpdateNode,
  VariableNode,
} from '../graph.js';
import { edgeNode } from '../graph.js';
import { fedByStep, fedOnce, packReports, type Feeds } from './feeds.js';
import { momentumUpdates, type MomentumUpdate } from './momentum-updates.js';
import { identity, read, type Part } from './variables.js';

/**
 * A step, a graph from (…state, …held, …fed) to (…new state, …reports), taken `times` times in one
 * call: each fed input and each report, float32 all, has one more axis in front, [times, …].
 */
export interface RepeatedStep {
  readonly step: Graph;
  readonly times: number;
}

/** A step as it is, or a repeated one. */
export type Call = Graph | RepeatedStep;

/** The variables that all steps share. */
export interface SharedVariables {
  readonly state: readonly VariableNode[];
  readonly held: readonly VariableNode[];
}

/** Nodes of the call under names with the prefix, and the signature from its feeds to its reports. */
export function bindCall(call: Call, variables: SharedVariables, prefix: string): Part {
  const repeated = 'step' in call;
  const { step, times } = repeated ? call : { step: call, times: 1 };
  const kept = variables.state.length + variables.held.length;
  const feeds = (repeated ? fedByStep : fedOnce)(step, kept, times, prefix);
  const shared = shareFixed(step, variables, prefix);
  const nodes: GraphNode[] = [...shared.nodes, ...feeds.nodes];
  const reports: string[][] = [];
  let before: readonly string[] = [];
  for (let k = 0; k < times; k++) {
    const copy = bindStep(step, variables, { k, feeds, shared, before, prefix });
    nodes.push(...copy.nodes);
    reports.push(copy.reports);
    before = copy.assigned;
  }
  const packed = repeated ? packReports(reports, prefix) : { nodes: [], edges: reports[0]! };
  const reported = packed.edges.map((edge, i) => identity(`${prefix}reported_${i}`, edge, before));
  return {
    nodes: [...nodes, ...packed.nodes, ...reported],
    signature: {
      inputs: feeds.inputs,
      inputSpecs: feeds.inputSpecs,
      outputs: reported.map(({ name }) => `${name}:0`),
    },
  };
}

/** What is the same in every step of a call, and the edges under their new names. */
interface Shared {
  readonly nodes: readonly GraphNode[];
  readonly edges: ReadonlyMap<string, string>;
  /** Names, in the step, of the nodes that all copies share. */
  readonly fixed: ReadonlySet<string>;
  readonly updates: readonly MomentumUpdate[];
}

function shareFixed(step: Graph, { state, held }: SharedVariables, prefix: string): Shared {
  const kept = state.length + held.length;
  const reads = held.map((of) => read(`${prefix}read_${of.name}`, of));
  const edges = new Map(reads.map(({ name }, i) => [step.inputs[state.length + i]!, `${name}:0`]));
  const fixed = fixedNodes(step, state.length, kept);
  const rename = (edge: string): string => edges.get(edge) ?? `${prefix}${edge}`;
  return {
    nodes: [...reads, ...fixed.map((node) => renamed(node, prefix, rename))],
    edges,
    fixed: new Set(fixed.map(({ name }) => name)),
    updates: momentumUpdates(step, state.length),
  };
}

/** Nodes that depend on neither state nor feeds; inputs themselves are none. */
function fixedNodes(step: Graph, state: number, kept: number): GraphNode[] {
  const inputs = new Set(step.inputs.map(edgeNode));
  const varying = new Set(
    [...step.inputs.slice(0, state), ...step.inputs.slice(kept)].map(edgeNode),
  );
  return step.nodes.filter((node) => {
    if (inputs.has(node.name)) return false;
    if (node.kind === 'op' && node.inputs.some((edge) => varying.has(edgeNode(edge)))) {
      varying.add(node.name);
    }
    return !varying.has(node.name);
  });
}

interface Place {
  /** Index of the step within its call. */
  readonly k: number;
  readonly feeds: Feeds;
  readonly shared: Shared;
  /** Nodes that gave the state its values, one for each variable; none before the first step. */
  readonly before: readonly string[];
  readonly prefix: string;
}

interface BoundStep {
  readonly nodes: readonly GraphNode[];
  readonly reports: string[];
  /** Node that gives each variable of the state its next value. */
  readonly assigned: readonly string[];
}

function bindStep(
  step: Graph,
  { state }: SharedVariables,
  { k, feeds, shared, before, prefix: outer }: Place,
): BoundStep {
  const prefix = `${outer}step${k}/`;
  const reads = state.map((of, i) => read(`${prefix}read_${of.name}`, of, before.slice(i, i + 1)));
  const edges = new Map([
    ...shared.edges,
    ...reads.map(({ name }, i) => [step.inputs[i]!, `${name}:0`] as const),
    ...feeds.edgesOf(k),
  ]);
  const rename = (edge: string): string =>
    edges.get(edge) ?? `${shared.fixed.has(edgeNode(edge)) ? outer : prefix}${edge}`;
  const fused = new Set(shared.updates.flatMap(({ replaces }) => replaces));
  const inputs = new Set(step.inputs.map(edgeNode));
  const copies = step.nodes
    .filter(({ name }) => !inputs.has(name) && !shared.fixed.has(name) && !fused.has(name))
    .map((node) => renamed(node, prefix, rename));
  const assigned = assignments(step, state, { reads, rename, prefix, updates: shared.updates });
  return {
    nodes: [...reads, ...copies, ...new Set(assigned)],
    reports: step.outputs.slice(state.length).map(rename),
    assigned: assigned.map(({ name }) => name),
  };
}

function renamed(node: GraphNode, prefix: string, rename: (edge: string) => string): GraphNode {
  const name = `${prefix}${node.name}`;
  switch (node.kind) {
    case 'op':
      return { ...node, name, inputs: node.inputs.map(rename) } satisfies OpNode;
    case 'constant':
      return { ...node, name };
    case 'placeholder':
    case 'variable':
    case 'read':
    case 'assign':
    case 'update':
      throw new Error(`${node.name}: a step has no ${node.kind} of its own beside its inputs`);
    default:
      throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
  }
}

interface Assigning {
  readonly reads: readonly ReadNode[];
  readonly rename: (edge: string) => string;
  readonly prefix: string;
  readonly updates: readonly MomentumUpdate[];
}

/** The node that moves each variable on, once everybody has read it: no step sees half of the next. */
function assignments(
  step: Graph,
  state: readonly VariableNode[],
  { reads, rename, prefix, updates }: Assigning,
): (AssignNode | UpdateNode)[] {
  const moved = new Map<number, UpdateNode>();
  for (const { weights, velocity, readers, ...update } of updates) {
    const node: UpdateNode = {
      kind: 'update',
      name: `${prefix}update_${state[weights]!.name}`,
      weights: state[weights]!,
      velocity: state[velocity]!,
      learningRate: rename(update.learningRate),
      gradient: rename(update.gradient),
      momentum: rename(update.momentum),
      nesterov: update.nesterov,
      after: readers.map((name) => `${prefix}${name}`),
    };
    moved.set(weights, node).set(velocity, node);
  }
  return state.map(
    (of, i) =>
      moved.get(i) ?? {
        kind: 'assign',
        name: `${prefix}assign_${of.name}`,
        variable: of,
        value: rename(step.outputs[i]!),
        after: [reads[i]!.name],
      },
  );
}
