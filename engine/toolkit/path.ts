/** Loads the control points of a path: fitted curve, straight line between the ends, or one endpoint. */
import * as tf from '@tensorflow/tfjs';
import type { RunInput } from '../../experiment/records/records.js';
import type { CurveFamily } from '../../experiment/config/curve.js';
import type { PathSpec } from '../../experiment/specs/path.js';
import { curvePoint } from '../../numerics/curves/curve.js';
import { coordinatesFor, type Coordinates } from '../../numerics/curves/implicit-coordinates.js';
import type { Model } from '../../numerics/models/model.js';
import { toTensors, type ParameterValues } from '../../numerics/models/parameters.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import type { EngineContext } from './context.js';
import type { StatisticsAt } from './statistics.js';
import { inputArtifact, loadWeights } from './weights.js';

export interface Path {
  /** The parameters at t. */
  at(t: number): ParameterValues;
}

/** `values` holds the parameters; `weights` lives for the visit. */
export type Visit = (
  t: number,
  weights: tf.Tensor[],
  values: ParameterValues,
  i: number,
) => Promise<void>;

export async function loadPath(
  context: EngineContext,
  model: Model,
  spec: PathSpec,
  inputs: readonly RunInput[],
): Promise<Path> {
  if (spec.path === 'point') {
    const alone = await loadWeights(context, model, inputArtifact(inputs, 'start', 'weights'));
    return { at: () => alone };
  }
  const coordinates = coordinatesFor(model.layers ?? [], spec.implicit);
  const ends = async () => (await loadEnds(context, model, inputs)).map(coordinates.end);
  if (spec.path === 'line') return path(model, 'polychain', await ends(), coordinates);
  const stored = await loadFitted(context, model, inputs, spec.ends);
  const fitted = stored.map(coordinates.enter);
  if (spec.ends === 'free') return path(model, spec.family, fitted, coordinates);
  const [start, end] = await ends();
  return path(model, spec.family, [start!, ...fitted, end!], coordinates);
}

async function loadEnds(context: EngineContext, model: Model, inputs: readonly RunInput[]) {
  const load = (role: 'start' | 'end') =>
    loadWeights(context, model, inputArtifact(inputs, role, 'weights'));
  return [await load('start'), await load('end')] as const;
}

export interface Along {
  readonly model: Model;
  readonly ts: readonly number[];
  /** Index of the first t to visit (default 0). */
  readonly first?: number;
  readonly statisticsAt: StatisticsAt;
}

/**
 * Visits every t from the `first`-th on with its weights (parameters, then statistics), as tensors that
 * live for the visit, and with its parameters as values.
 */
export async function alongPath(
  path: Path,
  { model, ts, first = 0, statisticsAt }: Along,
  visit: Visit,
): Promise<void> {
  for (const [i, t] of ts.entries()) {
    if (i < first) continue;
    const values = path.at(t);
    const weights = toTensors(model.parameters, values);
    try {
      weights.push(...(await statisticsAt(t, weights)));
      await visit(t, weights, values, i);
    } finally {
      tf.dispose(weights);
    }
  }
}

/** The weights (parameters, then statistics) at any t, for those who look at several places at once. */
export interface Places {
  /** The caller's to dispose of. */
  at(t: number): Promise<tf.Tensor[]>;
  dispose(): void;
}

/** Statistics take a pass over a data set: they are found once for each t. */
export function placesOn(path: Path, model: Model, statisticsAt: StatisticsAt): Places {
  const found = new Map<number, tf.Tensor[]>();
  return {
    async at(t) {
      const weights = toTensors(model.parameters, path.at(t));
      const statistics = found.get(t) ?? (await statisticsAt(t, weights));
      found.set(t, statistics);
      return [...weights, ...statistics.map((tensor) => tf.clone(tensor))];
    },
    dispose: () => tf.dispose([...found.values()]),
  };
}

function path(
  model: Model,
  family: CurveFamily,
  points: readonly ParameterValues[],
  { leave }: Coordinates,
): Path {
  return { at: (t) => leave(curvePoint(model.parameters, family, points, t)) };
}

/** Name prefixes of the control points in a curve's artifact: its bends, and its ends where they were free. */
export function pointPrefixes(bends: number, ends: 'free' | undefined): readonly string[] {
  const between = Array.from({ length: bends }, (_, k) => `bend${k + 1}.`);
  return ends === 'free' ? ['start.', ...between, 'end.'] : between;
}

async function loadFitted(
  context: EngineContext,
  model: Model,
  inputs: readonly RunInput[],
  ends: 'free' | undefined,
): Promise<ParameterValues[]> {
  const ref = inputArtifact(inputs, 'curve', 'bends');
  const { tensors } = decodeSafetensors(await context.blobs.get(ref));
  const points = tensors.size / model.parameters.length;
  const prefixes = pointPrefixes(ends === 'free' ? points - 2 : points, ends);
  return Promise.all(prefixes.map((prefix) => loadWeights(context, model, ref, prefix)));
}
