/** Loss and error on training and test set at every t of a path, and the path's length so far. */
import * as tf from '@tensorflow/tfjs';
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { EvaluationSpec } from '../../experiment/runs.js';
import { distance } from '../../numerics/curves/curve.js';
import { createEvaluator, type Evaluation, type Evaluator } from '../../numerics/evaluation.js';
import { modelFor } from '../../numerics/models/model.js';
import type { ParameterValues } from '../../numerics/parameters.js';
import { squaredNorm } from '../../numerics/training/loss.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, withResident } from './data.js';
import { alongPath, loadPath } from './path.js';

export async function evaluatePath(
  spec: EvaluationSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { train, test, classes } = await dataset(context, spec.dataset);
  const model = modelFor(spec.model, train.shape, classes);
  const path = await loadPath(context, model, spec, inputs);
  const batches = Math.ceil((train.count + test.count) / evaluationBatch);
  let before: ParameterValues | null = null;
  let length = 0;
  await withResident(train, classes, (trainData) =>
    withResident(test, classes, async (testData) => {
      const onTrain = createEvaluator(context.host, model, trainData, evaluationBatch);
      const onTest = createEvaluator(context.host, model, testData, evaluationBatch);
      try {
        await alongPath(path, model, spec.t, async (t, parameters, values, i) => {
          if (before) length += distance(model.parameters, before, values);
          before = values;
          const pause = progressing(context, i * batches, spec.t.length * batches);
          const penalty = (spec.weightDecay / 2) * squaredNormOf(parameters);
          context.metrics([
            ...(await rows('train', t, onTrain, parameters, penalty, pause)),
            ...(await rows('test', t, onTest, parameters, penalty, pause)),
            { series: 'arc_length', x: t, value: length },
          ]);
        });
      } finally {
        onTrain.dispose();
        onTest.dispose();
      }
    }),
  );
  return {};
}

function squaredNormOf(parameters: tf.Tensor[]): number {
  return tf.tidy(() => squaredNorm(parameters).dataSync()[0]!);
}

async function rows(
  split: 'train' | 'test',
  t: number,
  evaluator: Evaluator,
  parameters: tf.Tensor[],
  penalty: number,
  pause: () => Promise<void>,
): Promise<MetricRow[]> {
  const { nll, error }: Evaluation = await evaluator.evaluate(parameters, pause);
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
