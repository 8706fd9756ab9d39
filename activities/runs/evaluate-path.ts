/** Loss and error on training and test set at every t of a path, and the path's length so far. */
import * as tf from '@tensorflow/tfjs';
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { EvaluationSpec } from '../../experiment/runs.js';
import { distance } from '../../numerics/curves/curve.js';
import { createEvaluator, type Evaluation } from '../../numerics/evaluation.js';
import { modelNamed } from '../../numerics/models/model.js';
import { toTensors, type ParameterValues } from '../../numerics/parameters.js';
import { squaredNorm } from '../../numerics/training/loss.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch } from './data.js';
import { loadPath } from './path.js';

export async function evaluatePath(
  spec: EvaluationSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const model = modelNamed(spec.model);
  const data = await dataset(context, spec.dataset);
  const path = await loadPath(context, model, spec, inputs);
  const { shape } = data.test;
  const evaluator = createEvaluator(context.host, model, shape, data.classes, evaluationBatch);
  let before: ParameterValues | null = null;
  let length = 0;
  try {
    for (const [i, t] of spec.t.entries()) {
      const weights = path.at(t);
      if (before) length += distance(model.parameters, before, weights);
      before = weights;
      const parameters = toTensors(model.parameters, weights);
      const pause = progressing(context, i, spec.t.length, data.train.count + data.test.count);
      try {
        const penalty = tf.tidy(
          () => (spec.weightDecay / 2) * squaredNorm(parameters).dataSync()[0]!,
        );
        const train = await evaluator.evaluate(parameters, data.train, pause);
        const test = await evaluator.evaluate(parameters, data.test, pause);
        context.metrics([
          ...rows('train', t, train, penalty),
          ...rows('test', t, test, penalty),
          { series: 'arc_length', x: t, value: length },
        ]);
      } finally {
        tf.dispose(parameters);
      }
    }
    return {};
  } finally {
    evaluator.dispose();
  }
}

function rows(
  split: 'train' | 'test',
  t: number,
  { nll, error }: Evaluation,
  penalty: number,
): MetricRow[] {
  return [
    { series: `${split}_nll`, x: t, value: nll },
    { series: `${split}_loss`, x: t, value: nll + penalty },
    { series: `${split}_error`, x: t, value: error },
  ];
}

/** Progress in batches over all points. */
function progressing(context: EngineContext, point: number, points: number, images: number) {
  const perPoint = Math.ceil(images / evaluationBatch);
  let batches = 0;
  return async (): Promise<void> => {
    batches += 1;
    context.progress(point * perPoint + batches, points * perPoint, 'evaluating');
    await context.pause();
  };
}
