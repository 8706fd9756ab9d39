/** Fault sneaking: steps on one tensor until the wrong images are misclassified and hardly any other is. */
import * as tf from '@tensorflow/tfjs';
import { capture } from '../../graph/capture.js';
import type { GraphHost } from '../../graph/compile.js';
import { compileStateful, type StatefulFunction } from '../../graph/stateful/compile-stateful.js';
import type { Model } from '../../models/model.js';
import type { ParameterSpec, ParameterTensors } from '../../models/parameters.js';
import type { OnCall, OnStep, Reached } from '../../optimise/descent.js';
import { DivergedError } from '../../optimise/diverged.js';
import { faultStep, neededCounts, type FaultGoal } from './fault-step.js';
import { NotReachedError } from './not-reached.js';

/** One injection: the network, the images and their targets, the budget. */
export interface Injecting extends FaultGoal {
  readonly model: Model;
  /** Weights of the clean network: parameters, then statistics; owned by the caller. */
  readonly weights: ParameterTensors;
  /** Position of the tensor among the parameters. */
  readonly position: number;
  /** [n, height, width, channels] in [0,1], those with a wrong target first; the caller's. */
  readonly images: tf.Tensor;
  /** One-hot [n, classes]; the caller's. */
  readonly targets: tf.Tensor;
  readonly maxSteps: number;
  readonly onStep: OnStep;
  readonly onCall: OnCall;
}

/** A successful injection. */
export interface Injected {
  readonly tensor: tf.Tensor;
  /** That it took. */
  readonly steps: number;
  /** Classified as their targets, per cent: of the wrong images, and of all. */
  readonly success: number;
  readonly stealth: number;
}

/** `last`: the weights of the last dense layer; `last-conv`: of the last convolution; or a name. Null: there is none. */
export function tensorPosition(
  parameters: readonly ParameterSpec[],
  tensor: string,
): number | null {
  const rank = { last: 2, 'last-conv': 4 }[tensor];
  const found = parameters.findLastIndex(({ name, shape }) =>
    rank === undefined ? name === tensor : shape.length === rank,
  );
  return found < 0 ? null : found;
}

/**
 * From the clean network, or (with `from`, which it consumes) from where an earlier attempt was. Throws
 * NotReachedError when the goal is not met after `maxSteps`.
 */
export async function inject(
  host: GraphHost,
  from: Reached | null,
  injecting: Injecting,
): Promise<Injected> {
  const { model, weights, position, images, targets } = injecting;
  const others = weights.filter((_, i) => i !== position);
  const state = from?.state ?? [weights[position]!];
  const held = [...others, images, targets];
  let machine: StatefulFunction;
  try {
    const graph = capture(faultStep(model, position, injecting), [...state, ...held]);
    machine = compileStateful(host, state, held, [graph]);
  } finally {
    if (from) tf.dispose([...from.state]);
  }
  try {
    const reached = await search(machine, from?.step ?? 0, injecting);
    return { tensor: machine.state()[0]!, ...reached };
  } finally {
    machine.dispose();
  }
}

async function search(
  machine: StatefulFunction,
  taken: number,
  { images, maxSteps, onStep, onCall, ...goal }: Injecting,
): Promise<Omit<Injected, 'tensor'>> {
  const count = images.shape[0];
  const needed = neededCounts(count, goal);
  for (let steps = taken; ; steps++) {
    const reports = machine.step(0, []);
    const [loss, reached] = reports.map((report) => report.dataSync<'float32'>());
    tf.dispose(reports);
    if (!Number.isFinite(loss![0]!)) throw new DivergedError(steps, loss![0]!);
    const success = (100 * reached![0]!) / goal.wrong;
    const stealth = (100 * reached![1]!) / count;
    if (needed.every((least, i) => reached![i]! >= least)) return { steps, success, stealth };
    if (steps >= maxSteps) throw notReached(steps, success, stealth);
    await onStep(steps + 1, maxSteps, loss![0]!);
    await onCall(steps + 1, maxSteps, () => machine.state());
  }
}

function notReached(steps: number, success: number, stealth: number): NotReachedError {
  const shares = `${success.toFixed(1)} % of the wrong images and ${stealth.toFixed(1)} % of all`;
  return new NotReachedError(
    `after ${steps} steps ${shares} are classified as wanted; change stepSize or raise maxSteps`,
  );
}
