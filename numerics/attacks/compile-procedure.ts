/** A procedure as graphs: its state stays in a session, and a step of a whole batch is one native call. */
import * as tf from '@tensorflow/tfjs';
import { type Pause } from '../batched.js';
import { batchAt, type IndexBatch } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import { scores } from '../evaluation.js';
import { capture, type TensorFunction } from '../graph/capture.js';
import type { GraphHost } from '../graph/compile.js';
import { compileStateful } from '../graph/compile-stateful.js';
import { exactly } from '../graph/exactly.js';
import { weightSpecs, type Model } from '../models/model.js';
import type { ParameterTensors } from '../parameters.js';
import { checkBounds, type Bounds } from './bounds.js';
import type { Norm } from './norm.js';
import { indicator, sumEach } from './per-image.js';
import { drawsPerStep, type Fed, type Procedure } from './procedure.js';
import { victimOf, type Victim } from './victim.js';
import { worse } from './worse.js';

export type Seed = readonly [number, number];

/** What it is run with, beside the images. */
export interface Start {
  /** Of the batch that starts at place `from`. */
  readonly seed: (from: number) => Seed;
  readonly rank: number;
  readonly random: boolean;
  /** A batch ends when all of it is misclassified, if the procedure knows. */
  readonly untilFooled: boolean;
}

/** What it did to one image. */
export interface Found {
  readonly image: number;
  readonly nll: number;
  readonly wrong: number;
  /** Whether it is taken for the class aimed at, where that is not its own; null: no such aim. */
  readonly hit: boolean | null;
  /** Whether its loss fell from half of the steps to the last; null: the procedure has no such loss. */
  readonly fell: boolean | null;
}

export interface CompiledProcedure {
  readonly steps: number;
  /** Attacks the images of these numbers. `pause` follows every call. */
  run(
    weights: ParameterTensors,
    images: Int32Array,
    start: Start,
    visit: (found: Found) => void,
    pause: Pause,
  ): Promise<void>;
  dispose(): void;
}

export function compileProcedure(
  host: GraphHost,
  model: Model,
  procedure: Procedure,
  bounds: Bounds,
  data: ResidentData,
  batchSize: number,
): CompiledProcedure {
  const size = Math.min(batchSize, data.count);
  const specs = weightSpecs(model);
  const examples = tf.tidy(() => exampleInputs(model, procedure, data, size));
  const { state, held, batch, begun, fed } = examples;
  const [s, w] = [state.length, specs.length];
  const graphOf = (f: CallFunction, further: readonly tf.Tensor[]) => {
    const called: TensorFunction = (...inputs) => {
      const weights = inputs.slice(s, s + w);
      const [images, labels, counts, seed, ...numbers] = inputs.slice(s + w);
      const victim = victimOf(model, weights, images!, labels!);
      return f(victim, inputs.slice(0, s), { seed: seed!, numbers }, counts!);
    };
    return capture(gathering(s + w, data.classes, called), [
      ...state,
      ...held,
      ...batch,
      ...further,
    ]);
  };
  const calls = callsOf(procedure, bounds);
  const graphs = [
    graphOf(calls.begin, begun),
    graphOf(calls.step, fed),
    graphOf(calls.finish, begun),
  ];
  const compiled = compileStateful(host, state, held, graphs);
  tf.dispose([state, held.slice(0, w), batch, begun, fed]);

  /** The values that one call on a batch reports. */
  const call = async (
    graph: number,
    { indices, weights: counts }: IndexBatch,
    seed: readonly [number, number],
    numbers: tf.Tensor[],
    pause: Pause,
  ): Promise<readonly Float32Array[]> => {
    const given = [tf.tensor1d([...seed], 'int32'), ...numbers];
    try {
      const results = compiled.step(graph, [indices, counts, ...given]);
      const values = results.map((result) => result.dataSync<'float32'>());
      tf.dispose(results);
      return values;
    } finally {
      tf.dispose(given);
      await pause();
    }
  };
  /** From the first call on a batch to the last, and what that found. */
  const attacked = async (batch: IndexBatch, seed: Seed, start: Start, pause: Pause) => {
    const given = (): tf.Tensor[] => [tf.scalar(start.rank), tf.scalar(start.random ? 1 : 0)];
    let [left] = await call(0, batch, seed, given(), pause);
    for (let i = 0; i < procedure.steps; i++) {
      if (start.untilFooled && left![0] === 0) break;
      const now = [seed[0], (seed[1] + drawsPerStep * (i + 1)) | 0] as const;
      [left] = await call(1, batch, now, procedure.numbers(i), pause);
    }
    return call(2, batch, seed, given(), pause);
  };
  const run: CompiledProcedure['run'] = async (weights, images, start, visit, pause) => {
    compiled.hold([...weights, data.pixels, data.labels]);
    for (let from = 0; from < images.length; from += size) {
      const batch = batchAt(images, from, size);
      try {
        const results = await attacked(batch, start.seed(from), start, pause);
        const [nll, wrong, hit, aimed, fell, extremes] = results;
        checkBounds(bounds, extremes!);
        for (let i = 0; i < batch.count; i++) {
          visit({
            image: images[from + i]!,
            nll: nll![i]!,
            wrong: wrong![i]!,
            hit: aimed![i] === 1 ? hit![i] === 1 : null,
            fell: procedure.fell ? fell![i] === 1 : null,
          });
        }
      } finally {
        batch.dispose();
      }
    }
  };
  return { steps: procedure.steps, run, dispose: () => compiled.dispose() };
}

type CallFunction = (
  victim: Victim,
  state: tf.Tensor[],
  fed: Fed,
  counts: tf.Tensor,
) => tf.Tensor[];

/** From the state to the new state and what the call reports. */
function callsOf(procedure: Procedure, { norm }: Bounds) {
  const left = (state: readonly tf.Tensor[], counts: tf.Tensor): tf.Tensor =>
    procedure.fooled ? tf.sum(tf.mul(tf.sub(1, procedure.fooled(state)), counts)) : tf.sum(counts);
  const begin: CallFunction = (victim, _state, fed, counts) => {
    const state = procedure.begin(victim, fed);
    return [...state, left(state, counts)];
  };
  const step: CallFunction = (victim, before, fed, counts) => {
    const state = procedure.step(victim, before, fed);
    return [...state, left(state, counts)];
  };
  const finish: CallFunction = (victim, state) => [
    ...state,
    ...report(procedure, norm, victim, state),
  ];
  return { begin, step, finish };
}

/** [batch] each: CE and wrong of the worst image found, hit, aimed, fell; then [longest change, least, largest pixel]. */
function report(procedure: Procedure, norm: Norm, victim: Victim, state: tf.Tensor[]): tf.Tensor[] {
  const { images, labels } = victim;
  const found = procedure.found(victim, state);
  const judged = found.map((x) => exactly(() => ({ x, logits: victim.logits(x) })));
  const worst = judged
    .map(({ logits }) => exactly(() => scores(logits, labels)))
    .reduce((before, now) => worse(before, now));
  const target = procedure.aim?.(state) ?? tf.zerosLike(labels);
  const aimed = tf.mul(tf.sum(target, 1), tf.sub(1, sumEach(tf.mul(target, labels))));
  const hits = judged.map(({ logits }) => tf.equal(tf.argMax(logits, 1), tf.argMax(target, 1)));
  const hit = tf.mul(aimed, indicator(hits.reduce((a, b) => tf.logicalOr(a, b))));
  const fell = procedure.fell?.(state) ?? tf.zerosLike(aimed);
  const over = (each: (x: tf.Tensor) => tf.Tensor, pick: typeof tf.maximum) =>
    found.map(each).reduce((a, b) => pick(a, b));
  const extremes = [
    over((x) => tf.max(norm.length(tf.sub(x, images))), tf.maximum),
    over((x) => tf.min(x), tf.minimum),
    over((x) => tf.max(x), tf.maximum),
  ];
  return [...worst, hit, aimed, fell, tf.stack(extremes)];
}

/** Zeros of the right shapes, and the state that the procedure makes of them. */
function exampleInputs(model: Model, procedure: Procedure, data: ResidentData, size: number) {
  const weights = weightSpecs(model).map(({ shape }) => tf.zeros([...shape]));
  const images = tf.zeros([size, ...data.shape]);
  const labels = tf.oneHot(tf.zeros([size], 'int32') as tf.Tensor1D, data.classes).toFloat();
  const seed = tf.zeros([2], 'int32');
  const victim = victimOf(model, weights, images, labels);
  const numbers = [tf.scalar(1), tf.scalar(0)];
  return {
    state: procedure.begin(victim, { seed, numbers }).map(({ shape }) => tf.zeros(shape)),
    held: [...weights, data.pixels, data.labels],
    batch: [tf.zeros([size], 'int32'), tf.zeros([size])],
    begun: [seed, ...numbers],
    fed: [tf.zeros([2], 'int32'), ...procedure.numbers(0)],
  };
}
