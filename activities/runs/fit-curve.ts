/** Fits the bends of a curve between two endpoints and stores them; the ends stay where they are. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs, RunInput } from '../../experiment/records.js';
import type { CurveSpec } from '../../experiment/runs.js';
import { linearBends } from '../../numerics/curves/curve.js';
import { modelFor } from '../../numerics/models/model.js';
import { toTensors, toValues } from '../../numerics/parameters.js';
import { fitBends } from '../../numerics/training/curve.js';
import type { EngineContext } from './context.js';
import { dataset, withResident } from './data.js';
import { bendPrefix } from './path.js';
import { reportSteps } from './report-steps.js';
import { inputArtifact, loadWeights, saveWeights } from './weights.js';

export async function fitCurve(
  spec: CurveSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const model = modelFor(spec.model, data.train.shape, data.classes);
  const { parameters } = model;
  const start = await loadWeights(context, model, inputArtifact(inputs, 'start', 'weights'));
  const end = await loadWeights(context, model, inputArtifact(inputs, 'end', 'weights'));
  const initial = linearBends(parameters, start, end, spec.bends);
  const ends = { start: toTensors(parameters, start), end: toTensors(parameters, end) };
  try {
    const bends = await withResident(data.train, data.classes, (resident) =>
      fitBends(
        context.host,
        ends,
        initial.map((values) => toTensors(parameters, values)),
        {
          model,
          family: spec.family,
          recipe: spec.recipe,
          data: resident,
          seed: spec.seed,
          onStep: reportSteps(context, 'curve_batch_loss', 'fitting'),
        },
      ),
    );
    const sets = bends.map((b, k) => [bendPrefix(k + 1), toValues(parameters, b)] as const);
    tf.dispose(bends);
    return { bends: await saveWeights(context, model, new Map(sets)) };
  } finally {
    tf.dispose([...ends.start, ...ends.end]);
  }
}
