/** The three graphs of a procedure on a batch: how it begins, a step of it, and what it found. */
import * as tf from '@tensorflow/tfjs';
import { gathering, type ResidentData } from '../../data/resident.js';
import { capture, type TensorFunction } from '../../graph/capture.js';
import type { GraphHost } from '../../graph/compile.js';
import { compileStateful, type StatefulFunction } from '../../graph/compile-stateful.js';
import { exactly } from '../../graph/in-float32.js';
import { weightSpecs, type Model } from '../../models/model.js';
import type { Norm } from '../norms/norm.js';
import { outcomeFields } from './outcomes.js';
import { indicator, sumEach } from '../../graph/per-image.js';
import type { Fed, Procedure } from './procedure.js';
import { targetScores } from './target.js';
import { victimOf, type Victim } from './victim.js';
import { worse } from './worst-case.js';

/** Which of the steps of the compiled function is which; all are fed indices, counts, seed and numbers. */
export const calls = { begin: 0, step: 1, finish: 2 } as const;

/** What the last call on a batch reports. */
export interface Reported {
  /** In which the perturbation is measured. */
  readonly norm: Norm;
  /** Whether the adversarial examples themselves are among it. */
  readonly withImages: boolean;
}

/** Held are the weights, the pixels and the labels; the state is the procedure's. */
export function compileCalls(
  host: GraphHost,
  model: Model,
  procedure: Procedure,
  { norm, withImages }: Reported,
  data: ResidentData,
  size: number,
): StatefulFunction {
  const examples = tf.tidy(() => exampleInputs(model, procedure, data, size));
  const { state, weights, batch, begun, fed } = examples;
  const held = [...weights, data.pixels, data.labels];
  const [s, w] = [state.length, weights.length];
  const graphOf = (f: CallFunction, further: readonly tf.Tensor[]) => {
    const called: TensorFunction = (...inputs) => {
      const [images, labels, counts, seed, ...numbers] = inputs.slice(s + w) as [
        ...[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor],
        ...tf.Tensor[],
      ];
      const victim = victimOf(model, inputs.slice(s, s + w), images, labels);
      return f(victim, inputs.slice(0, s), { seed, numbers }, counts);
    };
    const gathered = gathering(s + w, data.classes, called);
    return capture(gathered, [...state, ...held, ...batch, ...further]);
  };
  const { begin, step, finish } = callsOf(procedure, { norm, withImages });
  const graphs = [graphOf(begin, begun), graphOf(step, fed), graphOf(finish, begun)];
  try {
    return compileStateful(host, state, held, graphs);
  } finally {
    tf.dispose([state, weights, batch, begun, fed]);
  }
}

type CallFunction = (
  victim: Victim,
  state: tf.Tensor[],
  fed: Fed,
  counts: tf.Tensor,
) => tf.Tensor[];

/** From the state to the new state and what the call reports. */
function callsOf(procedure: Procedure, reported: Reported) {
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
    ...report(procedure, reported, victim, state),
  ];
  return { begin, step, finish };
}

/**
 * [longest change, least, largest pixel]; [batch] each: hit, aimed, fell, and the outcome of the worst image found;
 * then that image, if it is among what is reported.
 */
function report(
  procedure: Procedure,
  { norm, withImages }: Reported,
  victim: Victim,
  state: tf.Tensor[],
): tf.Tensor[] {
  const { images, labels } = victim;
  const found = procedure.found(victim, state);
  const judged = found.map((x) => exactly(() => ({ x, logits: victim.logits(x) })));
  const worst = judged
    .map(({ x, logits }) => ({
      ...exactly(() => targetScores(logits, labels)),
      distance: norm.length(tf.sub(x, images)),
      ...(withImages ? { x } : {}),
    }))
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
  return [
    ...[tf.stack(extremes), hit, aimed, fell],
    ...outcomeFields.map((field) => worst[field]),
    ...(worst.x ? [worst.x] : []),
  ];
}

/** Zeros of the right shapes, and the state that the procedure makes of them. */
function exampleInputs(model: Model, procedure: Procedure, data: ResidentData, size: number) {
  const weights = weightSpecs(model).map(({ shape }) => tf.zeros([...shape]));
  const images = tf.zeros([size, ...data.shape]);
  const labels = tf.oneHot(tf.zeros<tf.Rank.R1>([size], 'int32'), data.classes).toFloat();
  const seed = tf.zeros([2], 'int32');
  const victim = victimOf(model, weights, images, labels);
  const numbers = [tf.scalar(1), tf.scalar(0)];
  return {
    state: procedure.begin(victim, { seed, numbers }).map(({ shape }) => tf.zeros(shape)),
    weights,
    batch: [tf.zeros([size], 'int32'), tf.zeros([size])],
    begun: [seed, ...numbers],
    fed: [tf.zeros([2], 'int32'), ...procedure.numbers(0)],
  };
}
