/** Fits the bends of a curve between two endpoints and stores them; the ends stay where they are. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs, RunInput } from '../../experiment/records.js';
import type { CurveSpec } from '../../experiment/runs.js';
import { linearBends } from '../../numerics/curves/curve.js';
import { modelFor } from '../../numerics/models/model.js';
import { toTensors, toValues, type ParameterSpec } from '../../numerics/parameters.js';
import { fitOn, withVelocities } from '../../numerics/training/curve.js';
import type { EngineContext } from './context.js';
import { dataset, withResident } from './data.js';
import { bendPrefix } from './path.js';
import { resumableSteps } from './resumable-steps.js';
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
  const specs = stateSpecs(parameters, spec.bends);
  const { from, ...steps } = await resumableSteps(context, specs, 'curve_batch_loss', 'fitting');
  const initial = () => {
    const bends = linearBends(parameters, start, end, spec.bends);
    return { step: 0, state: withVelocities(bends.map((b) => toTensors(parameters, b))) };
  };
  const ends = { start: toTensors(parameters, start), end: toTensors(parameters, end) };
  try {
    const bends = await withResident(data.train, data.classes, (resident) =>
      fitOn(context.host, ends, from ?? initial(), {
        ...{ model, family: spec.family, recipe: spec.recipe, data: resident, seed: spec.seed },
        adversarial: spec.adversarial,
        ...steps,
      }),
    );
    const sets = bends.map((b, k) => [bendPrefix(k + 1), toValues(parameters, b)] as const);
    tf.dispose(bends);
    return { bends: await saveWeights(context, model, new Map(sets)) };
  } finally {
    tf.dispose([...ends.start, ...ends.end]);
  }
}

/** As `withVelocities` orders it. */
function stateSpecs(parameters: readonly ParameterSpec[], bends: number): ParameterSpec[] {
  return ['', 'velocity.'].flatMap((kind) =>
    Array.from({ length: bends }, (_, k) => k + 1).flatMap((k) =>
      parameters.map(({ name, shape }) => ({ name: `${kind}${bendPrefix(k)}${name}`, shape })),
    ),
  );
}
