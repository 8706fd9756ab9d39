/** What an evaluation measures at every t: the training set, the test images, and what the file asks for beside them. */
import type { MetricRow, RunInput } from '../../experiment/records.js';
import type { LabelledImages } from '../../numerics/data/labelled-images.js';
import type { Evaluation } from '../../numerics/evaluation.js';
import type { EngineContext } from './context.js';
import type { Dataset } from './data.js';
import { injectionSets } from './injection-sets.js';

/** Images, and what their evaluation is reported as. */
export interface FurtherSet {
  readonly images: LabelledImages;
  readonly rows: (evaluation: Evaluation) => readonly Omit<MetricRow, 'x'>[];
}

export interface EvaluationSets {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly further: readonly FurtherSet[];
}

export async function evaluationSets(
  context: EngineContext,
  { train, test }: Dataset,
  inputs: readonly RunInput[],
): Promise<EvaluationSets> {
  return { train, test, further: await injectionSets(context, test, inputs) };
}
