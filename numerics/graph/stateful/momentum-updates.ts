/**
 * Recognises gradient descent with momentum in a recorded step, so that one kernel moves weights and
 * velocity in place (ResourceApplyMomentum). As ops of their own each product and sum is one more tensor
 * of the weights' size: written, read again, and thrown away.
 */
import { ancestors, edgeNode, type Graph, type OpNode } from '../graph.js';

/**
 * v ← μ v + g and w ← w - η v of one parameter; with Nesterov's step w ← w - η (g + μ v).
 * Weights and velocity are positions in the state, the others edges of the step.
 */
export interface MomentumUpdate {
  readonly weights: number;
  readonly velocity: number;
  readonly learningRate: string;
  readonly gradient: string;
  readonly momentum: string;
  readonly nesterov: boolean;
  /** Names of the ops whose work the kernel does. */
  readonly replaces: readonly string[];
  /** Names of ops that read the weights and that the gradient does not wait for. */
  readonly readers: readonly string[];
}

/** The updates of a step whose first `state` inputs and outputs are its state. */
export function momentumUpdates(step: Graph, state: number): MomentumUpdate[] {
  const live = ancestors(step.nodes, step.outputs).filter((node) => node.kind === 'op');
  const byName = new Map(live.map((node) => [node.name, node]));
  const inputs = step.inputs.slice(0, state);
  return inputs.flatMap((edge, weights) => {
    const found = recognise(byName, edge, step.outputs[weights]!);
    if (found === null) return [];
    const velocity = inputs.indexOf(found.velocity);
    const moves = [step.outputs[weights]!, found.nextVelocity];
    if (velocity < 0 || step.outputs[velocity] !== found.nextVelocity) return [];
    if (!isOwn(step.outputs, live, found.replaces, moves)) return [];
    const { learningRate, gradient, momentum, nesterov, replaces } = found;
    const readers = otherReaders(live, edge, gradient, replaces);
    return [{ weights, velocity, learningRate, gradient, momentum, nesterov, replaces, readers }];
  });
}

type Recognised = Omit<MomentumUpdate, 'weights' | 'velocity' | 'readers'> & {
  readonly velocity: string;
  readonly nextVelocity: string;
};

type OpsByName = ReadonlyMap<string, OpNode>;

/** Null where the new weights are computed in another way. */
function recognise(ops: OpsByName, weights: string, next: string): Recognised | null {
  const moved = operands(ops, next, ['Sub']);
  if (moved?.[0] !== weights) return null;
  const scaled = operands(ops, moved[1], ['Mul']);
  if (scaled === null) return null;
  const [direction, learningRate] = scaled;
  const outer = [next, moved[1]];
  const plain = velocityStep(ops, direction);
  if (plain !== null) return recognised(plain, { learningRate, nesterov: false, outer });
  const ahead = operands(ops, direction, additions);
  const lookedAhead = ahead && operands(ops, ahead[1], ['Mul']);
  const inner = lookedAhead && velocityStep(ops, lookedAhead[0]);
  if (!inner || inner.gradient !== ahead[0] || inner.momentum !== lookedAhead[1]) return null;
  return recognised(inner, {
    learningRate,
    nesterov: true,
    outer: [...outer, direction, ahead[1]],
  });
}

const additions = ['Add', 'AddV2'];

interface VelocityStep {
  readonly velocity: string;
  readonly momentum: string;
  readonly gradient: string;
  readonly nextVelocity: string;
  readonly decayed: string;
}

/** v μ + g. */
function velocityStep(ops: OpsByName, nextVelocity: string): VelocityStep | null {
  const added = operands(ops, nextVelocity, additions);
  const decayed = added && operands(ops, added[0], ['Mul']);
  if (!decayed) return null;
  const [velocity, momentum] = decayed;
  return { velocity, momentum, gradient: added[1], nextVelocity, decayed: added[0] };
}

function recognised(
  { velocity, momentum, gradient, nextVelocity, decayed }: VelocityStep,
  { outer, ...rest }: Pick<Recognised, 'learningRate' | 'nesterov'> & { outer: readonly string[] },
): Recognised {
  const replaces = [...outer, nextVelocity, decayed].map(edgeNode);
  return { ...rest, velocity, momentum, gradient, nextVelocity, replaces };
}

/** Both inputs of the op behind the edge, where it is one of these. */
function operands(
  ops: OpsByName,
  edge: string,
  names: readonly string[],
): readonly [string, string] | null {
  const node = ops.get(edgeNode(edge));
  if (node === undefined || !names.includes(node.op)) return null;
  const [a, b] = node.inputs;
  return a === undefined || b === undefined ? null : [a, b];
}

/** Whether nobody else uses what the ops give: beside the state, which gets `moves`, no output and no other op. */
function isOwn(
  outputs: readonly string[],
  live: readonly OpNode[],
  replaces: readonly string[],
  moves: readonly string[],
): boolean {
  const given = (edge: string): boolean => replaces.includes(edgeNode(edge));
  const others = live.filter(({ name }) => !replaces.includes(name));
  return (
    outputs.filter(given).length === moves.length &&
    moves.every((edge) => outputs.includes(edge)) &&
    !others.some(({ inputs }) => inputs.some(given))
  );
}

/** Ops whose result is their input's memory under another shape. */
const views = new Set(['Identity', 'Reshape', 'ExpandDims', 'Squeeze']);

/**
 * While one of them still runs, the kernel would copy the weights instead of changing them in place.
 * (Ops that the gradient waits for have run; a dependency on those would also keep TensorFlow from fusing them.)
 */
function otherReaders(
  live: readonly OpNode[],
  weights: string,
  gradient: string,
  replaces: readonly string[],
): string[] {
  const done = new Set([...ancestors(live, [gradient]).map(({ name }) => name), ...replaces]);
  const edges = new Set([weights]);
  const readers: string[] = [];
  for (const { name, op, inputs } of live) {
    if (!inputs.some((edge) => edges.has(edge))) continue;
    if (views.has(op)) edges.add(`${name}:0`);
    if (!done.has(name)) readers.push(name);
  }
  return readers;
}
