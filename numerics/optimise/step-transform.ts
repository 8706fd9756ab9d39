/** Optimiser steps as transforms of gradients that compose (after optax: init, update, chain). */
import * as tf from '@tensorflow/tfjs';
import type { ParameterSpec, ParameterTensors } from '../models/parameters.js';

/** Tensors by name, each name with a list. */
export type NamedTensors = Readonly<Record<string, readonly tf.Tensor[]>>;

/** Output of a transform: one descent direction per parameter, and its next state. */
interface Update {
  readonly updates: readonly tf.Tensor[];
  readonly state: NamedTensors;
}

/**
 * One part of an optimiser. A step is w ← afterStep(w - learningRate · update(gradients)). All methods are pure;
 * `state` holds the tensors of every transform in the chain by name, `held` ones included.
 */
export interface StepTransform {
  /** Tensors that it reads and no step changes, such as masks; they are the caller's. */
  readonly held: NamedTensors;
  /** Names and shapes of its state; a checkpoint calls them `<key>.<name>`. */
  slots(parameters: readonly ParameterSpec[]): Readonly<Record<string, readonly ParameterSpec[]>>;
  /** The state before the first step, as `slots` describes it. */
  init(parameters: ParameterTensors): NamedTensors;
  update(
    gradients: readonly tf.Tensor[],
    state: NamedTensors,
    parameters: ParameterTensors,
  ): Update;
  /** The parameters after the step, e.g. projected or masked. */
  afterStep?(parameters: ParameterTensors, state: NamedTensors): readonly tf.Tensor[];
  /** The weights at which the loss is taken (default: the parameters); `position` [] is an input of each step. */
  forward?(parameters: ParameterTensors, position: tf.Tensor): readonly tf.Tensor[];
}

/** A transform without state of its own; by default it leaves gradients as they are. */
export function stateless({
  held = {},
  update = (gradients) => gradients,
  afterStep,
  forward,
}: {
  readonly held?: NamedTensors;
  readonly update?: (
    gradients: readonly tf.Tensor[],
    parameters: ParameterTensors,
  ) => readonly tf.Tensor[];
  readonly afterStep?: StepTransform['afterStep'];
  readonly forward?: StepTransform['forward'];
}): StepTransform {
  return {
    held,
    slots: () => ({}),
    init: () => ({}),
    update: (gradients, _state, parameters) => ({
      updates: update(gradients, parameters),
      state: {},
    }),
    ...(afterStep ? { afterStep } : {}),
    ...(forward ? { forward } : {}),
  };
}

/** One after the other, `afterStep` and `forward` too. Throws where two of them use one name. */
export function chain(...transforms: readonly StepTransform[]): StepTransform {
  const seen = transforms.filter((one) => one.forward !== undefined);
  return {
    held: union(transforms.map(({ held }) => held)),
    slots: (parameters) => union(transforms.map((one) => one.slots(parameters))),
    init: (parameters) => union(transforms.map((one) => one.init(parameters))),
    update(gradients, state, parameters) {
      let updates = gradients;
      const states = transforms.map((one) => {
        const next = one.update(updates, state, parameters);
        updates = next.updates;
        return next.state;
      });
      return { updates, state: union(states) };
    },
    afterStep: (parameters, state) =>
      transforms.reduce((w, one) => one.afterStep?.(w, state) ?? w, parameters),
    ...(seen.length > 0 && {
      forward: (parameters: ParameterTensors, position: tf.Tensor) =>
        seen.reduce((w, one) => one.forward?.(w, position) ?? w, parameters),
    }),
  };
}

/** The state of a transform where `restart` [] is 0, and that before the first step where it is 1, both exactly. */
export function restarted(
  transform: StepTransform,
  state: NamedTensors,
  parameters: ParameterTensors,
  restart: tf.Tensor,
): NamedTensors {
  const kept = tf.sub(1, restart);
  const initial = Object.entries(transform.init(parameters)).map(([name, first]) => {
    const now = state[name]!;
    return [name, first.map((one, i) => tf.add(tf.mul(now[i]!, kept), tf.mul(one, restart)))];
  });
  return { ...state, ...(Object.fromEntries(initial) as NamedTensors) };
}

function union<T>(records: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> {
  const entries = records.flatMap((record) => Object.entries(record));
  const names = entries.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`two step transforms have a state called ${twice}`);
  return Object.fromEntries(entries);
}

/** w - learningRate · update for each parameter; learningRate is a scalar []. */
export function descendAlong(
  parameters: ParameterTensors,
  updates: readonly tf.Tensor[],
  learningRate: tf.Tensor,
): tf.Tensor[] {
  return parameters.map((w, i) => tf.sub(w, tf.mul(updates[i]!, learningRate)));
}
