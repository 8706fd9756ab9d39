/** The three graphs of a stepwise procedure on a batch: initialise, take a step, and report. */
import * as tf from '@tensorflow/tfjs';
import { gathering, type ResidentData } from '../../data/resident.js';
import { capture, type TensorFunction } from '../../graph/capture.js';
import type { GraphHost } from '../../graph/compile.js';
import { imageDraws } from '../../graph/draws.js';
import { compileStateful, type StatefulFunction } from '../../graph/stateful/compile-stateful.js';
import { weightSpecs } from '../../models/model.js';
import type { ThreatModel } from '../procedure/attack.js';
import {
  meanPrediction,
  predict,
  scorePredictions,
  type BatchUnderAttack,
  type ModelUnderAttack,
} from '../procedure/model-under-attack.js';
import type { CallInputs, StepwiseProcedure } from '../procedure/procedure.js';
import { stationarity } from '../procedure/stationarity.js';
import { outcomeFields } from './outcomes.js';
import { indicator, sumEach } from '../../graph/per-image.js';
import { worse } from './worst-case.js';

/** Index of each call among the steps of the compiled function; all take indices, counts, seeds and numbers. */
export const calls = { initialise: 0, step: 1, report: 2 } as const;

/** Choice of what the last call on a batch reports. */
export interface ReportSettings {
  /** Perturbations are measured in its norm. */
  readonly threat: ThreatModel;
  /** Whether the adversarial examples are reported, too. */
  readonly keepImages: boolean;
}

/** Compiles the calls for batches of `size` images. Held are weights, pixels and labels; the state is the procedure's. */
export function compileCalls(
  host: GraphHost,
  attacked: ModelUnderAttack,
  procedure: StepwiseProcedure,
  settings: ReportSettings,
  { data, size }: { readonly data: ResidentData; readonly size: number },
): StatefulFunction {
  const examples = tf.tidy(() => exampleInputs(attacked, procedure, data, size));
  const { state, weights, batch, first, next } = examples;
  const held = [...weights, data.pixels, data.labels];
  const [s, w] = [state.length, weights.length];
  const captureCall = (f: CallFunction, further: readonly tf.Tensor[]) => {
    const called: TensorFunction = (...inputs) => {
      const [images, labels, , seeds, ...numbers] = inputs.slice(s + w) as [
        ...[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor],
        ...tf.Tensor[],
      ];
      const networks = attacked.networks(inputs.slice(s, s + w));
      return f({ images, labels, networks }, inputs.slice(0, s), {
        draws: imageDraws(seeds),
        numbers,
      });
    };
    const gathered = gathering(s + w, data.classes, called);
    return capture(gathered, [...state, ...held, ...batch, ...further]);
  };
  const { initialise, step, finish } = callFunctions(procedure, settings);
  const graphs = [
    captureCall(initialise, first),
    captureCall(step, next),
    captureCall(finish, first),
  ];
  try {
    return compileStateful(host, state, held, graphs);
  } finally {
    tf.dispose([state, weights, batch, first, next]);
  }
}

type CallFunction = (
  batch: BatchUnderAttack,
  state: tf.Tensor[],
  inputs: CallInputs,
) => tf.Tensor[];

/** From the state to the new state and the call's reports: which images are known to be misclassified, in the end `report`. */
function callFunctions(procedure: StepwiseProcedure, settings: ReportSettings) {
  const fooled = ({ images }: BatchUnderAttack, state: readonly tf.Tensor[]): tf.Tensor =>
    procedure.misclassified?.(state) ?? tf.zeros([images.shape[0]]);
  const initialise: CallFunction = (batch, _state, inputs) => {
    const state = procedure.initialise(batch, inputs);
    return [...state, fooled(batch, state)];
  };
  const step: CallFunction = (batch, before, inputs) => {
    const state = procedure.takeStep(batch, before, inputs);
    return [...state, fooled(batch, state)];
  };
  const finish: CallFunction = (batch, state) => [
    ...state,
    ...report(procedure, settings, batch, state),
  ];
  return { initialise, step, finish };
}

/**
 * [longest perturbation, least, largest pixel]; [batch] each: hit, targeted, fell, and the outcome of the worst candidate;
 * then that candidate, if images are kept.
 */
function report(
  procedure: StepwiseProcedure,
  { threat, keepImages }: ReportSettings,
  batch: BatchUnderAttack,
  state: tf.Tensor[],
): tf.Tensor[] {
  const { images, labels } = batch;
  const { norm } = threat;
  const found = procedure.candidates(batch, state);
  const predicted = found.map((x) => ({ x, predictions: predict(batch, x) }));
  const worst = predicted
    .map(({ x, predictions }) => ({
      ...scorePredictions(predictions, labels),
      distance: norm.length(tf.sub(x, images)),
      x,
    }))
    .reduce((before, now) => worse(before, now));
  const target = procedure.targetClass?.(state) ?? tf.zerosLike(labels);
  const targeted = tf.mul(tf.sum(target, 1), tf.sub(1, sumEach(tf.mul(target, labels))));
  const hits = predicted.map(({ predictions }) =>
    tf.equal(tf.argMax(meanPrediction(predictions), 1), tf.argMax(target, 1)),
  );
  const hit = tf.mul(targeted, indicator(hits.reduce((a, b) => tf.logicalOr(a, b))));
  const fell = procedure.lossFell?.(state) ?? tf.zerosLike(targeted);
  const over = (each: (x: tf.Tensor) => tf.Tensor, pick: typeof tf.maximum) =>
    found.map(each).reduce((a, b) => pick(a, b));
  const extremes = [
    over((x) => tf.max(norm.length(tf.sub(x, images))), tf.maximum),
    over((x) => tf.min(x), tf.minimum),
    over((x) => tf.max(x), tf.maximum),
  ];
  const outcome = { ...worst, ...stationarity(batch, threat, worst.x) };
  return [
    ...[tf.stack(extremes), hit, targeted, fell],
    ...outcomeFields.map((field) => outcome[field]),
    ...(keepImages ? [worst.x] : []),
  ];
}

/** Zeros of the right shapes, and the state that the procedure makes of them. */
function exampleInputs(
  { model, networks }: ModelUnderAttack,
  procedure: StepwiseProcedure,
  data: ResidentData,
  size: number,
) {
  const weights = weightSpecs(model).map(({ shape }) => tf.zeros([...shape]));
  const images = tf.zeros([size, ...data.shape]);
  const labels = tf.oneHot(tf.zeros<tf.Rank.R1>([size], 'int32'), data.classes).toFloat();
  const seeds = tf.zeros([size, 2], 'int32');
  const draws = imageDraws(seeds);
  const batch = { images, labels, networks: networks(weights) };
  const numbers = [tf.ones([size]), tf.zeros([size])];
  return {
    state: procedure.initialise(batch, { draws, numbers }).map(({ shape }) => tf.zeros(shape)),
    weights,
    batch: [tf.zeros([size], 'int32'), tf.zeros([size])],
    first: [seeds, ...numbers],
    next: [tf.zeros([size, 2], 'int32'), ...procedure.stepInputs(0)],
  };
}
