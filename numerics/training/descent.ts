/** The loop that endpoints and curves share: batches in seeded order, compiled steps over a state that stays in the session. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { batchSizes } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import { capture, type TensorFunction } from '../graph/capture.js';
import type { GraphHost } from '../graph/compile.js';
import { compileStateful, type StatefulFunction } from '../graph/compile-stateful.js';
import type { Graph } from '../graph/graph.js';
import { repeat } from '../graph/repeat.js';
import type { Model } from '../models/model.js';
import { sizeOf } from '../parameters.js';
import { DivergedError } from './diverged.js';
import { fedTensors, stepSchedule, stepsOf, type Fed, type PlannedStep } from './fed.js';

/** Called after every step with its loss; may pause the loop, or end it by throwing. */
export type OnStep = (step: number, total: number, loss: number) => void | Promise<void>;

/**
 * Called after every call, in which several steps may be taken; may do the same. `read` gives the state
 * as it is then, the caller's to dispose of: with the number of steps it is all that decides the rest.
 */
export type OnCall = (step: number, total: number, read: () => tf.Tensor[]) => void | Promise<void>;

/** A state that some steps have led to. */
export interface Reached {
  readonly step: number;
  readonly state: readonly tf.Tensor[];
}

export interface Descent {
  readonly model: Model;
  readonly recipe: TrainingRecipe;
  readonly data: ResidentData;
  readonly seed: number;
  /** What steps read and never change, such as the fixed ends of a curve. */
  readonly held?: readonly tf.Tensor[];
  /**
   * One step as a function of (…state, …held, images, labels, weights, learning rate, …perStep);
   * its outputs are the new state and the loss.
   */
  readonly step: TensorFunction;
  /** Inputs after the learning rate, which change from step to step. */
  readonly perStep: (step: number, total: number) => readonly Fed[];
  readonly onStep: OnStep;
  readonly onCall?: OnCall;
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
    return machine.steps.state();
  } finally {
    machine.steps.dispose();
  }
}

interface Machine {
  readonly steps: StatefulFunction;
  /** Which of them takes `times` steps over batches of `size` images at once. */
  readonly index: (size: number, times: number) => number;
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
  const kept = { state: initial.length, held: held.length + 2 };
  const captured = new Map(
    [...new Set(sizes)].map((size) => [size, captureStep(initial, descent, size)]),
  );
  const together = stepsPerCall(model, captured.get(sizes[0]!)!, sizes[0]!);
  const shapes = [...captured.keys()].flatMap((size, i) =>
    [...new Set(i === 0 ? [together, 1] : [1])].map((times) => ({ size, times })),
  );
  const graphs = shapes.map(({ size, times }) => repeat(captured.get(size)!, kept, times));
  const steps = compileStateful(host, initial, [...held, data.pixels, data.labels], graphs);
  const index = (size: number, times: number): number =>
    shapes.findIndex((shape) => shape.size === size && shape.times === times);
  return { steps, index, together };
}

function stepsPerCall(model: Model, step: Graph, batchSize: number): number {
  const parameters = model.parameters.reduce((total, spec) => total + sizeOf(spec), 0);
  if (parameters > smallNetwork) return 1;
  const fitting = [mostNodes / step.nodes.length, mostImages / batchSize].map(Math.floor);
  return Math.max(1, Math.min(mostStepsPerCall, ...fitting));
}

function captureStep(
  initial: readonly tf.Tensor[],
  { data, held = [], step, perStep }: Descent,
  batchSize: number,
): Graph {
  const examples = tf.tidy(() => [
    tf.zeros([batchSize], 'int32'),
    tf.ones([batchSize]),
    tf.scalar(0),
    ...fedTensors([perStep(0, 1)]).map((stacked) => tf.squeeze(stacked, [0])),
  ]);
  try {
    const kept = initial.length + held.length;
    const gathered = gathering(kept, data.classes, step);
    return capture(gathered, [...initial, ...held, data.pixels, data.labels, ...examples]);
  } finally {
    tf.dispose(examples);
  }
}

async function takeSteps(
  { steps, index, together }: Machine,
  taken: number,
  descent: Descent,
): Promise<void> {
  const { recipe, data, model } = descent;
  const total = stepsOf(recipe, data.count);
  const planned = stepSchedule(descent, model.statistics !== undefined);
  for (let done = taken; done < total;) {
    const next = nextSteps(planned, done, total, together);
    const fed = fedTensors(next.map(({ fed: values }) => values));
    const [reported] = steps.step(index(next[0]!.size, next.length), fed);
    tf.dispose(fed);
    const losses = reported!.dataSync();
    reported!.dispose();
    for (const loss of losses) {
      done += 1;
      await descent.onStep(done, total, loss);
      if (!Number.isFinite(loss)) throw new DivergedError(done, loss);
    }
    await descent.onCall?.(done, total, () => steps.state());
  }
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
