/** Image sets of an evaluation at every t: training set, test images, and the further ones that the file asks for. */
import type { RunInput } from '../../../experiment/records/records.js';
import { row, rows } from '../../../experiment/records/rows.js';
import type { EvaluationSpec } from '../../../experiment/kinds/evaluation.js';
import { triggeredImages } from '../../../numerics/tampering/backdoor-success.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { checkTriggered } from '../../toolkit/check-images.js';
import type { EngineContext } from '../../toolkit/context.js';
import type { Dataset } from '../../toolkit/data.js';
import type { FurtherSet } from './further-set.js';
import { injectionSets } from './injection-sets.js';
import { selectBonafide, selectEvaluation, type Selected } from '../../toolkit/selection.js';

export interface EvaluationSets {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly further: readonly FurtherSet[];
  readonly selected: readonly (Selected | null)[];
}

export async function evaluationSets(
  context: EngineContext,
  data: Dataset,
  spec: EvaluationSpec,
  inputs: readonly RunInput[],
): Promise<EvaluationSets> {
  const evaluation = selectEvaluation(data, spec.cut);
  const validation = selectBonafide(data, spec.validation, 'validation');
  const statistics = selectBonafide(data, spec.statisticsFrom, 'statistics');
  const test = evaluation?.images ?? data.test;
  const further: FurtherSet[] = validation ? [held(validation.images)] : [];
  for (const backdoor of spec.backdoors ?? []) {
    checkTriggered(test, backdoor);
    further.push({
      images: triggeredImages(test, data.classes, backdoor),
      rows: (t, { error, n }) => [row('evaluation', backdoor.series, { x: t, n }, 100 - error)],
    });
  }
  // Their indices are those of the whole test set.
  further.push(...(await injectionSets(context, data.test, inputs)));
  return { train: data.train, test, further, selected: [evaluation, validation, statistics] };
}

function held(images: LabelledImages): FurtherSet {
  return {
    images,
    rows: (t, { nll, error, n }) =>
      rows('evaluation', { x: t, n }, { validation_nll: nll, validation_error: error }),
  };
}
