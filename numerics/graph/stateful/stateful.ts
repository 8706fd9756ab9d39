/**
 * Steps that share variables of one session: weights, optimiser state and data are set once and
 * stay, so that a call feeds only what changes. What TensorFlow's own training loops do.
 */
import type { GraphNode, Signature, TensorSpec } from '../graph.js';
import { bindCall, type Call } from './calls.js';
import { reader, setter, variable } from './variables.js';

/** One graph in which several steps share variables, with a signature for each way to call it. */
export interface StatefulGraph {
  readonly nodes: readonly GraphNode[];
  /** Gives the variables of the state their values. */
  readonly setState: Signature;
  /** The same for what the steps only read. */
  readonly setHeld: Signature;
  readonly readState: Signature;
  /** From the fed inputs to the reports, in the order of the given calls; each moves the state on. */
  readonly calls: readonly Signature[];
}

/** All calls have the same state and held inputs. */
export function stateful(
  state: readonly TensorSpec[],
  held: readonly TensorSpec[],
  calls: readonly Call[],
): StatefulGraph {
  const variables = {
    state: state.map((spec, i) => variable(`state_${i}`, spec)),
    held: held.map((spec, i) => variable(`held_${i}`, spec)),
  };
  const setState = setter('set_state', variables.state);
  const setHeld = setter('set_held', variables.held);
  const readState = reader(variables.state);
  const bound = calls.map((call, i) => bindCall(call, variables, `call${i}/`));
  const parts = [setState, setHeld, readState, ...bound];
  return {
    nodes: [...variables.state, ...variables.held, ...parts.flatMap(({ nodes }) => nodes)],
    setState: setState.signature,
    setHeld: setHeld.signature,
    readState: readState.signature,
    calls: bound.map(({ signature }) => signature),
  };
}
