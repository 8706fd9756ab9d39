/** Loss and error on training and test set at every t of a path, and the path's length so far. */
import * as tf from '@tensorflow/tfjs';
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { EvaluationSpec } from '../../experiment/runs.js';
import { distance } from '../../numerics/curves/curve.js';
import { createEvaluator, type Evaluation, type Evaluator } from '../../numerics/evaluation.js';
import { modelFor, type Model } from '../../numerics/models/model.js';
import { squaredNorm } from '../../numerics/training/loss.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, withResident, type Dataset } from './data.js';
import { alongPath, loadPath, type Visit } from './path.js';
import { resumablePoints } from './resumable-points.js';
import { withStatistics } from './statistics.js';

/** What one point gave; `length` is that of the path up to it. */
interface Point {
  readonly train: Evaluation;
  readonly test: Evaluation;
  readonly penalty: number;
  readonly length: number;
}

export async function evaluatePath(
  spec: EvaluationSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { train, test, classes } = data;
  const model = modelFor(spec.model, train.shape, classes);
  const path = await loadPath(context, model, spec, inputs);
  const batches = Math.ceil((train.count + test.count) / evaluationBatch);
  const total = spec.t.length * batches;
  const points = await resumablePoints<Point>(context);
  const done = [...points.from.done];
  context.metrics(done.flatMap((point, i) => rows(spec.t[i]!, point)));
  let before = done.length > 0 ? path.at(spec.t[done.length - 1]!) : null;
  const visit =
    (onTrain: Evaluator, onTest: Evaluator): Visit =>
    async (t, weights, values, i) => {
      const moved = before ? distance(model.parameters, before, values) : 0;
      before = values;
      const pause = progressing(context, i * batches, total);
      const parameters = weights.slice(0, model.parameters.length);
      const point = {
        penalty: (spec.weightDecay / 2) * squaredNormOf(parameters),
        train: await onTrain.evaluate(weights, pause),
        test: await onTest.evaluate(weights, pause),
        length: (done.at(-1)?.length ?? 0) + moved,
      };
      done.push(point);
      context.metrics(rows(t, point));
      points.reached((i + 1) * batches, total, { done, within: null });
    };
  await withStatistics(context, model, spec, inputs, data, (statisticsAt) =>
    withEvaluators(context, model, data, (onTrain, onTest) =>
      alongPath(path, model, spec.t, done.length, statisticsAt, visit(onTrain, onTest)),
    ),
  );
  return {};
}

function rows(t: number, { penalty, length, ...splits }: Point): MetricRow[] {
  const ofSplit = (split: 'train' | 'test'): MetricRow[] => {
    const { nll, error } = splits[split];
    return [
      { series: `${split}_nll`, x: t, value: nll },
      { series: `${split}_loss`, x: t, value: nll + penalty },
      { series: `${split}_error`, x: t, value: error },
    ];
  };
  return [...ofSplit('train'), ...ofSplit('test'), { series: 'arc_length', x: t, value: length }];
}

function withEvaluators(
  context: EngineContext,
  model: Model,
  { train, test, classes }: Dataset,
  use: (onTrain: Evaluator, onTest: Evaluator) => Promise<void>,
): Promise<void> {
  return withResident(train, classes, (trainData) =>
    withResident(test, classes, async (testData) => {
      const onTrain = createEvaluator(context.host, model, trainData, evaluationBatch);
      const onTest = createEvaluator(context.host, model, testData, evaluationBatch);
      try {
        await use(onTrain, onTest);
      } finally {
        onTrain.dispose();
        onTest.dispose();
      }
    }),
  );
}

function squaredNormOf(parameters: tf.Tensor[]): number {
  return tf.tidy(() => squaredNorm(parameters).dataSync()[0]!);
}

/** Progress in batches over all points. */
function progressing(context: EngineContext, done: number, total: number) {
  let batches = done;
  return async (): Promise<void> => {
    batches += 1;
    context.progress(batches, total, 'evaluating');
    await context.pause();
  };
}
