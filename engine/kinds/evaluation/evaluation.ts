/** Loss and error on training and test set and on further sets at every t of a path, and the path's length so far. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs, RunInput } from '../../../experiment/records/records.js';
import { row, type SeriesRow } from '../../../experiment/records/rows.js';
import type { EvaluationSpec } from '../../../experiment/kinds/evaluation.js';
import type { Pause } from '../../../numerics/evaluation/batched.js';
import { distance } from '../../../numerics/curves/curve.js';
import { batchCount } from '../../../numerics/data/batches.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import {
  createEvaluator,
  type Evaluation,
  type Evaluator,
} from '../../../numerics/evaluation/evaluate.js';
import type { Model } from '../../../numerics/models/model.js';
import { networkFor } from '../../networks/network-for.js';
import { squaredNorm } from '../../../numerics/losses/training-loss.js';
import type { EngineContext } from '../../toolkit/context.js';
import { dataset, evaluationBatch, withResident } from '../../toolkit/data.js';
import { evaluationSets, type EvaluationSets } from './evaluation-sets.js';
import { alongPath, loadPath, type Visit } from '../../toolkit/path.js';
import { resumablePoints } from '../../toolkit/resumable-points.js';
import { saveSelection } from '../../toolkit/selection.js';
import { withStatistics } from '../../toolkit/statistics.js';

/** Results at one point; `length` is the length of the path up to it. */
interface Point {
  readonly train: Evaluation;
  readonly test: Evaluation;
  readonly penalty: number;
  readonly length: number;
  /** In the order of the further sets; absent where there are none. */
  readonly further?: readonly Evaluation[];
}

export async function evaluatePath(
  spec: EvaluationSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { classes } = data;
  const sets = await evaluationSets(context, data, spec, inputs);
  const images = [sets.train, sets.test, ...sets.further.map((one) => one.images)];
  const model = await networkFor(context, spec.model, sets.train.shape, classes);
  const path = await loadPath(context, model, spec, inputs);
  const batches = images.reduce((sum, { count }) => sum + batchCount(count, evaluationBatch), 0);
  const rows = (t: number, point: Point) => pointRows(sets, t, point);
  const total = spec.t.length * batches;
  const points = await resumablePoints<Point>(context);
  const done = [...points.from.done];
  context.metrics(done.flatMap((point, i) => rows(spec.t[i]!, point)));
  let before = done.length > 0 ? path.at(spec.t[done.length - 1]!) : null;
  const visit =
    ([onTrain, onTest, ...onFurther]: readonly Evaluator[]): Visit =>
    async (t, weights, values, i) => {
      const moved = before ? distance(model.parameters, before, values) : 0;
      before = values;
      const pause = progressing(context, i * batches, total);
      const parameters = weights.slice(0, model.parameters.length);
      const point = {
        penalty: (spec.weightDecay / 2) * readSquaredNorm(parameters),
        train: await onTrain!.evaluate(weights, pause),
        test: await onTest!.evaluate(weights, pause),
        length: (done.at(-1)?.length ?? 0) + moved,
        ...(await evaluateFurther(onFurther, weights, pause)),
      };
      done.push(point);
      context.metrics(rows(t, point));
      points.reached((i + 1) * batches, total, { done, within: null });
    };
  await withStatistics(context, { model, spec, inputs, data }, (statisticsAt) =>
    withEvaluators(context, model, classes, images, (evaluators) =>
      alongPath(path, { model, ts: spec.t, first: done.length, statisticsAt }, visit(evaluators)),
    ),
  );
  return saveSelection(context, spec.dataset, sets.selected);
}

async function evaluateFurther(
  evaluators: readonly Evaluator[],
  weights: tf.Tensor[],
  pause: Pause,
): Promise<Pick<Point, 'further'>> {
  const further: Evaluation[] = [];
  for (const evaluator of evaluators) further.push(await evaluator.evaluate(weights, pause));
  return further.length > 0 ? { further } : {};
}

function pointRows(
  sets: EvaluationSets,
  t: number,
  { penalty, length, further = [], ...splits }: Point,
): readonly SeriesRow<'evaluation'>[] {
  const ofSplit = (split: 'train' | 'test') => {
    const { nll, error, n } = splits[split];
    return [
      row('evaluation', `${split}_nll`, { x: t, n }, nll),
      row('evaluation', `${split}_loss`, { x: t, n }, nll + penalty),
      row('evaluation', `${split}_error`, { x: t, n }, error),
    ];
  };
  return [
    ...ofSplit('train'),
    ...ofSplit('test'),
    ...sets.further.flatMap((set, i) => set.rows(t, further[i]!)),
    row('evaluation', 'arc_length', { x: t, n: 1 }, length),
  ];
}

/** One evaluator per set of images; all sets stay resident until `use` ends. */
async function withEvaluators(
  context: EngineContext,
  model: Model,
  classes: number,
  [images, ...others]: readonly LabelledImages[],
  use: (evaluators: readonly Evaluator[]) => Promise<void>,
): Promise<void> {
  if (images === undefined) return use([]);
  await withResident(images, classes, async (resident) => {
    const evaluator = createEvaluator(context.host, model, resident, evaluationBatch);
    try {
      await withEvaluators(context, model, classes, others, (made) => use([evaluator, ...made]));
    } finally {
      evaluator.dispose();
    }
  });
}

function readSquaredNorm(parameters: tf.Tensor[]): number {
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
