/** Control points of a path from its inputs: the fitted curve, or the straight line between the ends. */
import * as tf from '@tensorflow/tfjs';
import type { RunInput } from '../../experiment/records.js';
import type { CurveFamily } from '../../experiment/config.js';
import type { PathSpec } from '../../experiment/runs.js';
import { curvePoint } from '../../numerics/curves/curve.js';
import type { Model } from '../../numerics/models/model.js';
import { toTensors, type ParameterValues } from '../../numerics/parameters.js';
import { decodeSafetensors } from '../../stores/safetensors.js';
import type { EngineContext } from './context.js';
import { inputArtifact, loadWeights } from './weights.js';

export interface Path {
  /** The weights at t. */
  at(t: number): ParameterValues;
}

export async function loadPath(
  context: EngineContext,
  model: Model,
  spec: PathSpec,
  inputs: readonly RunInput[],
): Promise<Path> {
  const start = await loadWeights(context, model, inputArtifact(inputs, 'start', 'weights'));
  const end = await loadWeights(context, model, inputArtifact(inputs, 'end', 'weights'));
  if (spec.path === 'line') return path(model, 'polychain', [start, end]);
  const bends = await loadBends(context, model, inputs);
  return path(model, spec.family, [start, ...bends, end]);
}

/** Visits every t with its weights, as tensors that live for the visit and as values. */
export async function alongPath(
  path: Path,
  model: Model,
  ts: readonly number[],
  visit: (t: number, parameters: tf.Tensor[], values: ParameterValues, i: number) => Promise<void>,
): Promise<void> {
  for (const [i, t] of ts.entries()) {
    const values = path.at(t);
    const parameters = toTensors(model.parameters, values);
    try {
      await visit(t, parameters, values, i);
    } finally {
      tf.dispose(parameters);
    }
  }
}

function path(model: Model, family: CurveFamily, points: readonly ParameterValues[]): Path {
  return { at: (t) => curvePoint(model.parameters, family, points, t) };
}

/** Name prefix of the tensors of bend k = 1, 2, … in a curve's artifact. */
export function bendPrefix(k: number): string {
  return `bend${k}.`;
}

async function loadBends(
  context: EngineContext,
  model: Model,
  inputs: readonly RunInput[],
): Promise<ParameterValues[]> {
  const ref = inputArtifact(inputs, 'curve', 'bends');
  const { tensors } = decodeSafetensors(await context.blobs.get(ref));
  const count = tensors.size / model.parameters.length;
  const prefixes = Array.from({ length: count }, (_, k) => bendPrefix(k + 1));
  return Promise.all(prefixes.map((prefix) => loadWeights(context, model, ref, prefix)));
}
