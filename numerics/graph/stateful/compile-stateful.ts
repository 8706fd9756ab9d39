/** Steps over shared variables as native calls. */
import * as tf from '@tensorflow/tfjs';
import { checkInputs, type GraphHost } from '../compile.js';
import type { Signature } from '../graph.js';
import { nativeBackend, nativeType } from '../native.js';
import type { Call } from './calls.js';
import { stateful } from './stateful.js';

/** Steps over variables that stay in one native session. */
export interface StatefulFunction {
  /** Sets the state; the tensors stay the caller's. */
  set(state: readonly tf.Tensor[]): void;
  /** Sets what the steps only read; the tensors stay the caller's. */
  hold(held: readonly tf.Tensor[]): void;
  /** Makes call `i` of those that were compiled; the caller owns the reports. */
  step(i: number, fed: readonly tf.Tensor[]): tf.Tensor[];
  /** The state as it is now; the caller owns the tensors. */
  state(): tf.Tensor[];
  dispose(): void;
}

/** Loads steps into one session and gives its variables the values of `state` and `held`. */
export function compileStateful(
  host: GraphHost,
  state: readonly tf.Tensor[],
  held: readonly tf.Tensor[],
  calls: readonly Call[],
): StatefulFunction {
  const specs = (tensors: readonly tf.Tensor[]) =>
    tensors.map((t) => ({ shape: t.shape, dtype: nativeType(nativeBackend(), t) }));
  const graph = stateful(specs(state), specs(held), calls);
  const session = host.load(graph.nodes);
  const run = (signature: Signature, inputs: readonly tf.Tensor[]): tf.Tensor[] => {
    checkInputs(signature.inputSpecs, inputs);
    return session.run(signature, inputs);
  };
  const assign = (signature: Signature) => (values: readonly tf.Tensor[]) => {
    if (values.length > 0) tf.dispose(run(signature, values));
  };
  const compiled: StatefulFunction = {
    set: assign(graph.setState),
    hold: assign(graph.setHeld),
    step: (i, fed) => run(graph.calls[i]!, fed),
    state: () => (state.length > 0 ? run(graph.readState, []) : []),
    dispose: () => session.dispose(),
  };
  try {
    compiled.set(state);
    compiled.hold(held);
  } catch (error) {
    session.dispose();
    throw error;
  }
  return compiled;
}
