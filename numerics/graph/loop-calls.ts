/** A loop as graphs: one that holds all of it while it is short, else a few that are called block by block. */
import * as tf from '@tensorflow/tfjs';
import { capture } from './capture.js';
import type { Graph } from './graph.js';
import { advance, unrolled, type Loop, type LoopBody } from './loop.js';

/** Largest graph: preparation takes time and memory for every op. */
const mostUnrolled = { steps: 20, ops: 16_000 };
/** A call costs little beside so many ops; between calls others see progress and may end the work. */
const mostOpsPerCall = 512;

/** All of the loop in one graph, or so many steps in each call. */
export type LoopPlan = 'whole' | { readonly stepsPerCall: number };

/** Example inputs of a loop, by which it is captured. */
export interface LoopInputs {
  /** How many of the inputs, the first ones, are the state that outlives the loop. */
  readonly state: number;
  /** Examples of all inputs: (…state, …held, …fed). */
  readonly examples: readonly tf.Tensor[];
}

/** Goes by the ops of one step, so that neither memory nor preparation grows with the number of steps. */
export function planLoop(loop: Loop, inputs: LoopInputs): LoopPlan {
  if (loop.steps <= 2) return 'whole';
  const step = captureParts(loop, inputs, [steps(1)])[0]!;
  const ops = step.nodes.filter(({ kind }) => kind === 'op').length;
  if (loop.steps <= mostUnrolled.steps && loop.steps * ops <= mostUnrolled.ops) return 'whole';
  const fitting = Math.max(1, Math.floor(mostOpsPerCall / ops));
  return { stepsPerCall: Math.min(fitting, loop.steps - 2) };
}

/** A loop as the graphs to call and the order in which to call them. */
export interface LoopCalls {
  /**
   * Each from (…state, …loop state, …held, …fed) to (…new state, …new loop state, …reports); all but the
   * last leave the state as it is and report a token.
   */
  readonly graphs: readonly Graph[];
  /** Which of the graphs are called, in turn. */
  readonly order: readonly number[];
  /** Shapes of the loop's state, which stays in the session from one call to the next. */
  readonly between: readonly (readonly number[])[];
}

/** The loop gives (…new state, …reports). */
export function captureLoop(loop: Loop, inputs: LoopInputs, plan: LoopPlan): LoopCalls {
  if (plan === 'whole') {
    return { graphs: [capture(unrolled(loop), inputs.examples)], order: [0], between: [] };
  }
  const { stepsPerCall } = plan;
  const blocks = Math.floor((loop.steps - 2) / stepsPerCall);
  const rest = (loop.steps - 2) % stepsPerCall;
  const parts = [begin, finish, steps(stepsPerCall), ...(rest > 0 ? [steps(rest)] : [])];
  const steppingOrder = Array.from({ length: blocks }, () => 2);
  return {
    graphs: captureParts(loop, inputs, parts),
    order: [0, ...steppingOrder, ...(rest > 0 ? [3] : []), 1],
    between: shapesBetween(loop, inputs),
  };
}

/** Part of a loop that one call runs: the next state and, from the last call, the results of the whole loop. */
type Part = (
  body: LoopBody,
  state: readonly tf.Tensor[],
) => { readonly loop: readonly tf.Tensor[]; readonly results?: readonly tf.Tensor[] };

/**
 * The first step goes with what precedes the loop and the last with what follows it: there the graph
 * optimiser knows more about shapes than of what a session holds, and may add in another order.
 */
const begin: Part = (body) => ({ loop: advance(body, body.begin(), 1) });
const finish: Part = (body, state) => {
  const loop = advance(body, state, 1);
  return { loop, results: body.finish(loop) };
};
const steps =
  (count: number): Part =>
  (body, state) => ({ loop: advance(body, state, count) });

function shapesBetween(loop: Loop, { examples }: LoopInputs): number[][] {
  return tf.tidy(() =>
    loop
      .open(...examples)
      .begin()
      .map(({ shape }) => [...shape]),
  );
}

function captureParts(loop: Loop, inputs: LoopInputs, parts: readonly Part[]): Graph[] {
  const { state: n, examples } = inputs;
  const between = shapesBetween(loop, inputs).map((shape) => tf.zeros(shape));
  const kept = n + between.length;
  const whole = [...examples.slice(0, n), ...between, ...examples.slice(n)];
  const captureGraph = (part: Part): Graph =>
    capture((...given) => {
      const state = given.slice(0, n);
      const body = loop.open(...state, ...given.slice(kept));
      const { loop: next, results } = part(body, given.slice(n, kept));
      if (results === undefined) return [...state, ...next, tf.scalar(0)];
      return [...results.slice(0, n), ...next, ...results.slice(n)];
    }, whole);
  try {
    return parts.map(captureGraph);
  } finally {
    tf.dispose(between);
  }
}
