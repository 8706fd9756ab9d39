/** Masks of an endpoint's weights: of pruning, fixed ones, and those that a training rewires and reports. */
import * as tf from '@tensorflow/tfjs';
import type { EndpointSpec } from '../../experiment/kinds/endpoint.js';
import { row, type SeriesRow } from '../../experiment/records/rows.js';
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import type { Outputs } from '../../experiment/records/records.js';
import { spearman } from '../../numerics/analysis/correlation.js';
import { filterMasks } from '../../numerics/defences/pruning.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { parameterSize, toValues, type ParameterValues } from '../../numerics/models/parameters.js';
import { seedAt } from '../../numerics/optimise/seeds.js';
import type { Mask } from '../../numerics/optimise/transforms.js';
import { channelMask, cutChannels, cutTensor } from '../../numerics/sparsity/channels.js';
import { magnitudeMasks, maskedTensors, randomMasks } from '../../numerics/sparsity/masks.js';
import { countActive } from '../../numerics/sparsity/redistribution.js';
import type { Rewired } from '../../numerics/sparsity/rewire.js';
import type { RewiredTraining } from '../../numerics/training/rewiring.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { EngineContext } from '../toolkit/context.js';
import type { RecordedSeries, ResumableSteps } from '../toolkit/resumable-steps.js';

/** Masks that stay, and those that a training rewires; their tensors are the caller's. */
export interface SparseTraining {
  readonly masks: readonly Mask[];
  readonly rewired?: Pick<RewiredTraining, 'spec' | 'masks'>;
}

/** All masks that weights begin under. */
export function firstMasks({ masks, rewired }: SparseTraining): readonly Mask[] {
  return rewired?.masks ?? masks;
}

/** Whether many weights are exactly zero: densities are reported then, and zeros not stored. */
export function isSparse({ prune, sparsity }: EndpointSpec): boolean {
  return sparsity !== undefined || prune?.granularity !== undefined;
}

/** Weights of the endpoint that this one begins with, and the images that the network is for. */
interface GivenWeights {
  readonly given: ParameterValues | null;
  readonly shape: ImageShape;
  readonly classes: number;
}

/** Masks as the specification says; `given` are the weights of the endpoint that it begins with. */
export function sparseTraining(
  model: Model,
  spec: EndpointSpec,
  { given, ...images }: GivenWeights,
): SparseTraining {
  const { prune, sparsity } = spec;
  if (prune !== undefined) {
    if (given === null) throw new Error('pruning needs the weights of another endpoint');
    return { masks: pruningMasks(model, prune, { given, ...images }) };
  }
  // Where every weight is active there is none to remove or to grow.
  if (sparsity === undefined || sparsity.density === 1) return { masks: [] };
  const tensors = maskedTensors(model);
  const { density, initial, rewiring } = sparsity;
  const drawn = randomMasks(tensors, density, { initial, seed: seedAt(spec, 0) });
  const masks = tensors.map(({ shape, position }, l) => ({
    position,
    kept: tf.tensor(drawn[l]!, [...shape]),
  }));
  return rewiring ? { masks: [], rewired: { spec: { ...sparsity, rewiring }, masks } } : { masks };
}

function pruningMasks(
  model: Model,
  { fraction, granularity }: NonNullable<EndpointSpec['prune']>,
  { given, shape, classes }: GivenWeights & { readonly given: ParameterValues },
): Mask[] {
  switch (granularity) {
    case undefined:
      return masksByName(model, filterMasks(model.parameters, given, fraction));
    case 'channel': {
      const { kept } = cutChannels({ layers: layersOf(model), shape, classes }, given, fraction);
      return masksByName(model, new Map(kept.map((one) => [one.name, channelMask(one)])));
    }
    case 'weight': {
      const names = maskedTensors(model).map(({ name }) => name);
      const weights = names.map((name) => given.get(name)!);
      const masks = magnitudeMasks(weights, 1 - fraction);
      return masksByName(model, new Map(names.map((name, l) => [name, masks[l]!])));
    }
    default:
      throw new Error(`unknown granularity ${String(granularity satisfies never)}`);
  }
}

function layersOf({ name, layers }: Model): readonly LayerRecord[] {
  if (layers === undefined) throw new Error(`${name} has no layers whose channels could be cut`);
  return layers;
}

function masksByName(model: Model, masks: ReadonlyMap<string, Float32Array>): Mask[] {
  return model.parameters.flatMap(({ name, shape }, position) => {
    const kept = masks.get(name);
    return kept ? [{ position, kept: tf.tensor(kept, [...shape]) }] : [];
  });
}

/** The network without the channels that a pruning took, as an artifact `cut`; its layers are in the metadata. */
export async function saveCut(
  context: EngineContext,
  model: Model,
  { prune }: EndpointSpec,
  { given, weights, shape, classes }: GivenWeights & { readonly weights: readonly tf.Tensor[] },
): Promise<Outputs> {
  if (prune?.granularity !== 'channel') return {};
  const { layers, kept } = cutChannels({ layers: layersOf(model), shape, classes }, given!, prune.fraction); // prettier-ignore
  const trained = toValues(weightSpecs(model), weights);
  const tensors = new Map(
    kept.map((one) => {
      const { name, shape: narrow, values } = cutTensor(one, trained.get(one.name)!);
      return [name, { dtype: 'F32' as const, shape: narrow, data: values }];
    }),
  );
  const metadata = { model: model.name, architecture: JSON.stringify(layers) };
  return { cut: await context.blobs.put(encodeSafetensors(tensors, metadata)) };
}

/** Multiplies weights by their masks; disposes of those that it replaces. */
export function underMasks(weights: tf.Tensor[], masks: readonly Mask[]): tf.Tensor[] {
  for (const { position, kept } of masks) {
    const whole = weights[position]!;
    weights[position] = tf.mul(whole, kept);
    whole.dispose();
  }
  return weights;
}

/** Series that a training records at each rewiring. */
export function rewiringSeries(
  model: Model,
  { sparsity }: EndpointSpec,
): readonly RecordedSeries[] {
  if (sparsity?.rewiring === undefined || sparsity.density === 1) return [];
  const named = maskedTensors(model).map(({ name }) => name);
  return [
    ...(['weight_density', 'parameter_density', 'share_correlation'] as const),
    ...named.flatMap((name) => [`layer_density:${name}`, `layer_share:${name}`] as const),
  ];
}

/** Records shares and densities of a rewiring, and how far the shares have kept their order. */
export function recordRewiring(
  model: Model,
  { record, latest }: Pick<ResumableSteps, 'record' | 'latest'>,
): RewiredTraining['onRewired'] {
  const names = maskedTensors(model).map(({ name }) => name);
  return (step, { layers, shares }: Rewired) => {
    const before = names.map((name) => latest(`layer_share:${name}`));
    const known = before.filter((share) => share !== null);
    if (known.length === names.length) {
      const correlation = spearman(known, [...shares]);
      if (correlation.reason === undefined) record('share_correlation', step, correlation.value);
    }
    names.forEach((name, l) => record(`layer_share:${name}`, step, shares[l]!));
    const active = layers.map(({ mask }) => countActive(mask));
    for (const [series, value] of densities(model, active)) record(series, step, value);
  };
}

/** Densities of weights after `step` steps. */
export function densityRows(
  model: Model,
  weights: readonly tf.Tensor[],
  step: number,
): readonly SeriesRow<'endpoint'>[] {
  const active = maskedTensors(model).map(({ position }) =>
    countActive(weights[position]!.dataSync<'float32'>()),
  );
  return densities(model, active).map(([series, value]) => {
    return row('endpoint', series, { x: step, n: 1 }, value);
  });
}

/** Densities of each tensor with a mask, of all of them, and of all parameters; `active` counts by tensor. */
function densities(
  model: Model,
  active: readonly number[],
): readonly (readonly [RecordedSeries, number])[] {
  const tensors = maskedTensors(model);
  const sizes = tensors.map(parameterSize);
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const all = sum(model.parameters.map(parameterSize));
  const dense = all - sum(sizes);
  return [
    ...tensors.map(({ name }, l) => [`layer_density:${name}`, active[l]! / sizes[l]!] as const),
    ['weight_density', sum(active) / sum(sizes)],
    ['parameter_density', (sum(active) + dense) / all],
  ];
}
