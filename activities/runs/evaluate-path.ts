/** Loss and error on training and test set at every t of a path, and the path's length so far. */
import * as tf from '@tensorflow/tfjs';
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { EvaluationSpec } from '../../experiment/runs.js';
import { distance } from '../../numerics/curves/curve.js';
import { createEvaluator, type Evaluation, type Evaluator } from '../../numerics/evaluation.js';
import { modelFor, type Model } from '../../numerics/models/model.js';
import type { ParameterValues } from '../../numerics/parameters.js';
import { squaredNorm } from '../../numerics/training/loss.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, withResident, type Dataset } from './data.js';
import { alongPath, loadPath, type Visit } from './path.js';
import { withStatistics } from './statistics.js';

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
  let before: ParameterValues | null = null;
  let length = 0;
  const visit =
    (onTrain: Evaluator, onTest: Evaluator): Visit =>
    async (t, weights, values, i) => {
      if (before) length += distance(model.parameters, before, values);
      before = values;
      const pause = progressing(context, i * batches, spec.t.length * batches);
      const parameters = weights.slice(0, model.parameters.length);
      const penalty = (spec.weightDecay / 2) * squaredNormOf(parameters);
      context.metrics([
        ...(await rows('train', t, onTrain, weights, penalty, pause)),
        ...(await rows('test', t, onTest, weights, penalty, pause)),
        { series: 'arc_length', x: t, value: length },
      ]);
    };
  await withStatistics(context, model, spec, inputs, data, (statisticsAt) =>
    withEvaluators(context, model, data, (onTrain, onTest) =>
      alongPath(path, model, spec.t, statisticsAt, visit(onTrain, onTest)),
    ),
  );
  return {};
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

async function rows(
  split: 'train' | 'test',
  t: number,
  evaluator: Evaluator,
  weights: tf.Tensor[],
  penalty: number,
  pause: () => Promise<void>,
): Promise<MetricRow[]> {
  const { nll, error }: Evaluation = await evaluator.evaluate(weights, pause);
  return [
    { series: `${split}_nll`, x: t, value: nll },
    { series: `${split}_loss`, x: t, value: nll + penalty },
    { series: `${split}_error`, x: t, value: error },
  ];
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
