/** The network at one t of a fitted curve as an endpoint of its own; nothing is trained. */
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { CurvePointSpec } from '../../experiment/kinds/derived/curve-point.js';
import { networkFor } from '../networks/network-for.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset } from '../toolkit/data.js';
import { alongPath, loadPath } from '../toolkit/path.js';
import { scoreAndSave } from '../toolkit/score-endpoint.js';
import { selectEvaluation } from '../toolkit/selection.js';
import { withStatistics } from '../toolkit/statistics.js';

export async function takePoint(
  spec: CurvePointSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const model = await networkFor(context, spec.model, data.test.shape, data.classes);
  const path = await loadPath(context, model, spec, inputs);
  const test = selectEvaluation(data, spec.cut)?.images ?? data.test;
  let outputs: Outputs = {};
  await withStatistics(context, { model, spec, inputs, data }, (statisticsAt) =>
    alongPath(path, { model, ts: spec.t, statisticsAt }, async (_t, weights) => {
      const { classes } = data;
      outputs = await scoreAndSave(context, model, weights, { test, classes });
    }),
  );
  return outputs;
}
