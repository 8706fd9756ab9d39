/** Computations with a loop inside, such as the steps of an attack. */
import * as tf from '@tensorflow/tfjs';
import type { StatefulFunction } from './stateful/compile-stateful.js';

/** The loop on the inputs of one call; its state is tensors of float32, of the same shapes after every step. */
export interface LoopBody {
  begin(): tf.Tensor[];
  step(state: readonly tf.Tensor[]): tf.Tensor[];
  finish(state: readonly tf.Tensor[]): tf.Tensor[];
}

/** A computation of `steps` equal steps on inputs of any kind. */
export interface LoopOver<Inputs extends readonly unknown[]> {
  readonly steps: number;
  /** Whatever is computed here, each call computes again; what the state holds, it only reads. */
  readonly open: (...inputs: Inputs) => LoopBody;
}

/** A loop on tensors, as it is captured. */
export type Loop = LoopOver<tf.Tensor[]>;

/** A function as a loop of no steps. */
export function withoutLoop<Inputs extends readonly unknown[]>(
  f: (...inputs: Inputs) => tf.Tensor[],
): LoopOver<Inputs> {
  const open = (...inputs: Inputs): LoopBody => ({
    begin: () => [],
    step: (state) => [...state],
    finish: () => f(...inputs),
  });
  return { steps: 0, open };
}

/** All of its steps one after the other. */
export function unrolled<Inputs extends readonly unknown[]>({
  steps,
  open,
}: LoopOver<Inputs>): (...inputs: Inputs) => tf.Tensor[] {
  return (...inputs) => {
    const body = open(...inputs);
    return body.finish(advance(body, body.begin(), steps));
  };
}

/** The state after so many more steps. */
export function advance(
  body: Pick<LoopBody, 'step'>,
  begun: readonly tf.Tensor[],
  steps: number,
): tf.Tensor[] {
  let state = [...begun];
  for (let i = 0; i < steps; i++) state = body.step(state);
  return state;
}

/** Calls its graphs in turn; `between` follows every call but the last, whose reports are the caller's. */
export async function callLoop(
  compiled: StatefulFunction,
  order: readonly number[],
  fed: readonly tf.Tensor[],
  between: () => void | Promise<void>,
): Promise<tf.Tensor[]> {
  for (const call of order.slice(0, -1)) {
    tf.dispose(compiled.step(call, fed));
    await between();
  }
  return compiled.step(order.at(-1)!, fed);
}
