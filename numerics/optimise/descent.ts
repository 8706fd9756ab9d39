/** The loop that endpoints and curves share: batches in seeded order, compiled steps over a state that stays in the session. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/specs/training.js';
import { batchSizes } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import type { GraphHost } from '../graph/compile.js';
import { compileStateful, type StatefulFunction } from '../graph/stateful/compile-stateful.js';
import type { Graph } from '../graph/graph.js';
import type { Call } from '../graph/stateful/calls.js';
import { callLoop, type Loop } from '../graph/loop.js';
import {
  captureLoop,
  planLoop,
  type LoopCalls,
  type LoopInputs,
  type LoopPlan,
} from '../graph/loop-calls.js';
import type { Model } from '../models/model.js';
import { parameterSize } from '../models/parameters.js';
import { DivergedError } from './diverged.js';
import {
  feedTensors,
  stepSchedule,
  stepCount,
  type Feed,
  type PlannedStep,
} from './step-inputs.js';
import type { Seeding } from './seeds.js';

/** Called after every step with its loss; may pause the loop, or end it by throwing. */
export type OnStep = (step: number, total: number, loss: number) => void | Promise<void>;

/**
 * Called after every call, in which several steps may be taken; may do the same. `read` gives the state
 * as it is then, the caller's to dispose of: with the number of steps it is all that decides the rest.
 */
export type OnCall = (step: number, total: number, read: () => tf.Tensor[]) => void | Promise<void>;

/** Changes of the state between steps, such as a new mask. What they do must follow from step and state alone. */
export interface StateChange {
  /** Whether the state is changed once `step` steps were taken: no call then spans it. */
  readonly isDue: (step: number, total: number) => boolean;
  /** Consumes the state after `step` steps and returns the one that the next begins with. */
  readonly change: (step: number, total: number, state: tf.Tensor[]) => tf.Tensor[];
}

/** Called within a step after `step` others. */
export type OnBlock = (step: number, total: number) => void | Promise<void>;

/** The state after `step` steps. */
export interface Reached {
  readonly step: number;
  readonly state: readonly tf.Tensor[];
}

/** A training: its step, its data, and who is told of its progress. */
export interface Descent extends Seeding {
  readonly model: Model;
  readonly recipe: TrainingRecipe;
  readonly data: ResidentData;
  /** Tensors that steps read and never change, such as the fixed ends of a curve. */
  readonly held?: readonly tf.Tensor[];
  /**
   * One step as a function of (…state, …held, images, labels, weights, learning rate, …perStep);
   * its outputs are the new state and the loss. Where its loop is long, one step takes several calls.
   */
  readonly step: Loop;
  /** Inputs after the learning rate, new in each step. */
  readonly perStep: (step: number, total: number) => readonly Feed[];
  readonly onStep: OnStep;
  readonly onCall?: OnCall;
  /** Called between the calls of one step, the state still that before it; may do the same. */
  readonly onBlock?: OnBlock;
  /** Before `onCall` is told: a state that is read holds the change that was due at its step. */
  readonly stateChange?: StateChange | undefined;
}

/** Compiles the step and takes all that are left from the given state, which it consumes; returns the last state. */
export async function descend(
  host: GraphHost,
  { step: taken, state: initial }: Reached,
  descent: Descent,
): Promise<tf.Tensor[]> {
  let machine: Machine;
  try {
    machine = compileSteps(host, initial, descent);
  } finally {
    tf.dispose([...initial]);
  }
  try {
    await takeSteps(machine, taken, descent);
    return machine.state();
  } finally {
    machine.steps.dispose();
  }
}

interface Machine {
  readonly steps: StatefulFunction;
  /** The state without that of a step's loop. */
  readonly state: () => tf.Tensor[];
  /** Puts another state in its place; `change` consumes what it is given. */
  readonly replace: (change: (state: tf.Tensor[]) => tf.Tensor[]) => void;
  /** Which of them, called in turn, take `times` steps over batches of `size` images. */
  readonly order: (size: number, times: number) => readonly number[];
  /** Most steps that one call takes. */
  readonly together: number;
}

/** Calls cost nothing beside so many steps of a small network; larger ones are to be stopped in between. */
const mostStepsPerCall = 16;
const smallNetwork = 500_000;
/** Large batches take long by themselves. */
const mostImages = 8192;
/** The graph of a call holds every step of it. */
const mostNodes = 2048;

function compileSteps(host: GraphHost, initial: readonly tf.Tensor[], descent: Descent): Machine {
  const { model, recipe, data, held = [] } = descent;
  // Batch norm would see the padding of a short last batch.
  const short = recipe.steps === undefined && model.statistics !== undefined;
  const sizes = batchSizes(data.count, recipe.batchSize, short);
  const captured = captureSteps(initial, descent, sizes);
  const { graphs: ofFirst, between } = captured.get(sizes[0]!)!;
  const together = ofFirst.length > 1 ? 1 : stepsPerCall(model, ofFirst[0]!, sizes[0]!);
  const graphs: Call[] = [];
  const shapes = [...captured].flatMap(([size, calls], i) =>
    [...new Set(i === 0 ? [together, 1] : [1])].map((times) => {
      const order = calls.order.map((call) => graphs.length + call);
      graphs.push(...calls.graphs.map((step) => ({ step, times })));
      return { size, times, order };
    }),
  );
  const whole = [...initial, ...between.map((shape) => tf.zeros([...shape]))];
  const steps = compileStateful(host, whole, [...held, data.pixels, data.labels], graphs);
  tf.dispose(whole.slice(initial.length));
  const state = (): tf.Tensor[] => {
    const all = steps.state();
    tf.dispose(all.splice(initial.length));
    return all;
  };
  const replace: Machine['replace'] = (change) => {
    const all = steps.state();
    const inner = all.splice(initial.length);
    const next = [...change(all), ...inner];
    steps.set(next);
    tf.dispose(next);
  };
  const order = (size: number, times: number): readonly number[] =>
    shapes.find((shape) => shape.size === size && shape.times === times)!.order;
  return { steps, state, replace, order, together };
}

/** For batches of every size: all by the same plan, since they share the variables. */
function captureSteps(
  initial: readonly tf.Tensor[],
  descent: Descent,
  sizes: readonly number[],
): Map<number, LoopCalls> {
  let plan: LoopPlan | null = null;
  const captured = new Map<number, LoopCalls>();
  for (const size of new Set(sizes)) {
    withExamples(initial, descent, size, (loop, inputs) => {
      plan ??= planLoop(loop, inputs);
      captured.set(size, captureLoop(loop, inputs, plan));
    });
  }
  return captured;
}

function stepsPerCall(model: Model, step: Graph, batchSize: number): number {
  const parameters = model.parameters.reduce((total, spec) => total + parameterSize(spec), 0);
  if (parameters > smallNetwork) return 1;
  const fitting = [mostNodes / step.nodes.length, mostImages / batchSize].map(Math.floor);
  return Math.max(1, Math.min(mostStepsPerCall, ...fitting));
}

function withExamples(
  initial: readonly tf.Tensor[],
  { data, held = [], step, perStep }: Descent,
  batchSize: number,
  use: (loop: Loop, inputs: LoopInputs) => void,
): void {
  const examples = tf.tidy(() => [
    tf.zeros([batchSize], 'int32'),
    tf.ones([batchSize]),
    tf.scalar(0),
    ...feedTensors([perStep(0, 1)]).map((stacked) => tf.squeeze(stacked, [0])),
  ]);
  try {
    const kept = initial.length + held.length;
    const loop = { steps: step.steps, open: gathering(kept, data.classes, step.open) };
    const whole = [...initial, ...held, data.pixels, data.labels, ...examples];
    use(loop, { state: initial.length, examples: whole });
  } finally {
    tf.dispose(examples);
  }
}

async function takeSteps(
  { steps, state, replace, order, together }: Machine,
  taken: number,
  descent: Descent,
): Promise<void> {
  const { recipe, data, model, stateChange } = descent;
  const total = stepCount(recipe, data.count);
  const planned = stepSchedule(descent, model.statistics !== undefined);
  for (let done = taken; done < total;) {
    const isFree = isUnchanged(stateChange, done, together, total);
    const next = nextSteps(planned, done, total, isFree ? together : 1);
    const inputs = feedTensors(next.map(({ feeds: values }) => values));
    const between = (): void | Promise<void> => descent.onBlock?.(done, total);
    const calls = order(next[0]!.size, next.length);
    const [reported] = await callLoop(steps, calls, inputs, between).finally(() =>
      tf.dispose(inputs),
    );
    const losses = reported!.dataSync();
    reported!.dispose();
    for (const loss of losses) {
      done += 1;
      await descent.onStep(done, total, loss);
      if (!Number.isFinite(loss)) throw new DivergedError(done, loss);
    }
    if (stateChange?.isDue(done, total)) {
      replace((reached) => stateChange.change(done, total, reached));
    }
    await descent.onCall?.(done, total, state);
  }
}

/** Whether so many steps may be taken in one call: the state changes between none of them. */
function isUnchanged(
  stateChange: StateChange | undefined,
  from: number,
  together: number,
  total: number,
): boolean {
  if (stateChange === undefined) return true;
  const inside = Array.from({ length: together - 1 }, (_, i) => from + 1 + i);
  return !inside.some((step) => stateChange.isDue(step, total));
}

/** As many steps as go in one call: all of the first one's batch size, or that one alone. */
function nextSteps(
  planned: (index: number) => PlannedStep,
  from: number,
  total: number,
  together: number,
): PlannedStep[] {
  const first = planned(from);
  if (from + together > total) return [first];
  const others = Array.from({ length: together - 1 }, (_, i) => planned(from + 1 + i));
  return others.every(({ size }) => size === first.size) ? [first, ...others] : [first];
}
