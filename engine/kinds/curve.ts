/** Fits a curve between two endpoints and stores the control points that move: its bends, and its ends if these are free. */
import * as tf from '@tensorflow/tfjs';
import { lossBound } from '../../experiment/records/loss-bound.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { CurveSpec } from '../../experiment/kinds/curve.js';
import { linearBends } from '../../numerics/curves/curve.js';
import { coordinatesFor, type Coordinates } from '../../numerics/curves/implicit-coordinates.js';
import { networkFor } from '../networks/network-for.js';
import { couplingNetwork } from '../../numerics/models/coupling-network.js';
import type { Model } from '../../numerics/models/model.js';
import { toTensors, toValues } from '../../numerics/models/parameters.js';
import { fitOn, fitSpecs, initialFit } from '../../numerics/training/curve.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset, withResident, type Dataset } from '../toolkit/data.js';
import { pointPrefixes } from '../toolkit/path.js';
import { resumableSteps } from '../toolkit/resumable-steps.js';
import { saveSelection, selectTraining } from '../toolkit/selection.js';
import { inputArtifact, loadWeights, saveWeights } from '../toolkit/weights.js';

export async function fitCurve(
  spec: CurveSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { model, coordinates } = await mixedNetwork(context, spec, data);
  const { parameters } = model;
  const endpoint = async (role: 'start' | 'end') =>
    coordinates.end(await loadWeights(context, model, inputArtifact(inputs, role, 'weights')));
  const [start, end] = [await endpoint('start'), await endpoint('end')];
  const prefixes = pointPrefixes(spec.bends, spec.ends);
  const specs = fitSpecs(parameters, prefixes);
  const { from, ...steps } = await resumableSteps(context, specs, {
    ...{ series: 'curve_batch_loss', phase: 'fitting', bound: lossBound(data.classes) },
  });
  const initial = () => {
    const bends = linearBends(parameters, start, end, spec.bends);
    const moving = spec.ends === 'free' ? [start, ...bends, end] : bends;
    return initialFit(moving.map((p) => toTensors(parameters, p)));
  };
  const ends =
    spec.ends === 'free'
      ? null
      : { start: toTensors(parameters, start), end: toTensors(parameters, end) };
  const selected = selectTraining(data, spec);
  try {
    const images = selected?.images ?? data.train;
    const fitted = await withResident(images, data.classes, (resident) =>
      fitOn(context.host, ends, from ?? initial(), {
        ...{ model, family: spec.family, recipe: spec.recipe, data: resident, seed: spec.seed },
        ...{ adversarial: spec.adversarial, certified: spec.certified },
        ...steps,
      }),
    );
    const stored = fitted.map((point) => coordinates.leave(toValues(parameters, point)));
    const sets = stored.map((point, k) => [prefixes[k]!, point] as const);
    tf.dispose(fitted);
    return {
      bends: await saveWeights(context, model, new Map(sets)),
      ...(await saveSelection(context, spec.dataset, [selected])),
    };
  } finally {
    if (ends) tf.dispose([...ends.start, ...ends.end]);
  }
}

/** The network whose weights are the coordinates that the curve mixes, of the names and shapes of its own weights. */
async function mixedNetwork(
  context: EngineContext,
  { model, implicit }: CurveSpec,
  { train: { shape }, classes }: Dataset,
): Promise<{ readonly model: Model; readonly coordinates: Coordinates }> {
  const own = await networkFor(context, model, shape, classes);
  const { name, layers = [] } = own;
  const coordinates = coordinatesFor(layers, implicit);
  if (implicit !== 'coupling') return { model: own, coordinates };
  return { model: couplingNetwork({ name, layers, shape, classes }), coordinates };
}
