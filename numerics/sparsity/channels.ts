/** Channel pruning: output channels of smallest Frobenius norm, with all that hangs on them. */
import { uncuttable } from '../../experiment/catalogue/models/cuttable.js';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { weightsFor } from '../../experiment/catalogue/models/weights.js';
import { parameterSize, type ParameterSpec, type ParameterValues } from '../models/parameters.js';

/**
 * Frobenius norm of the weights of each output channel: √Σ w² over all axes but the last. Weights [height, width, in, out]
 * or [in, out], row-major; the result is [out].
 */
export function channelNorms(weights: Float32Array, channels: number): Float64Array {
  const squares = new Float64Array(channels);
  weights.forEach((w, i) => (squares[i % channels]! += w * w));
  return squares.map(Math.sqrt);
}

/** The `count` channels of largest norm in increasing order; among equal ones the first stay. */
export function keptChannels(norms: ArrayLike<number>, count: number): readonly number[] {
  return Array.from({ length: norms.length }, (_, i) => i)
    .sort((a, b) => norms[b]! - norms[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** A tensor of a network and the channels of it that stay. */
export interface KeptTensor extends ParameterSpec {
  /** Along the last axis, in increasing order. */
  readonly outputs: readonly number[];
  /** Along the last axis but one of weights; null for biases and batch norm, which have no such axis. */
  readonly inputs: readonly number[] | null;
}

/** Layers in sequence and what they are applied to. */
export interface Chain {
  readonly layers: readonly LayerRecord[];
  readonly shape: readonly number[];
  readonly classes: number;
}

/** The smaller network, and of each tensor of the whole one what stays. */
export interface ChannelCut {
  readonly layers: readonly LayerRecord[];
  readonly kept: readonly KeptTensor[];
}

/**
 * Removes from each convolution and dense layer but the last the ⌊fraction · out⌋ channels of smallest norm, and with them
 * their biases, their batch norm and the weights of the next layer that read them: the network with zeros there, and the
 * one without these channels, have the same logits. Throws where channels of its layers cannot be cut.
 */
export function cutChannels(chain: Chain, values: ParameterValues, fraction: number): ChannelCut {
  const reason = uncuttable(chain.layers);
  if (reason !== null) throw new Error(`no channel can be cut: ${reason}`);
  const last = chain.layers.findLastIndex(({ kind }) => kind === 'dense' || kind === 'convolution');
  const layers: LayerRecord[] = [];
  const kept: KeptTensor[] = [];
  let { shape } = chain;
  let inputs = range(shape.at(-1)!);
  chain.layers.forEach((layer, at) => {
    const { parameters, statistics, shape: next } = weightsFor([layer], shape, chain.classes);
    const outputs = outputsOf(layer, { inputs, shape, next, values, fraction: at === last ? 0 : fraction }); // prettier-ignore
    for (const { name, shape: tensor } of [...parameters, ...statistics])
      kept.push({ name, shape: tensor, outputs, inputs: tensor.length > 1 ? inputs : null });
    layers.push(narrowed(layer, outputs.length));
    [shape, inputs] = [next, outputs];
  });
  return { layers, kept };
}

interface Place {
  readonly inputs: readonly number[];
  readonly shape: readonly number[];
  readonly next: readonly number[];
  readonly values: ParameterValues;
  readonly fraction: number;
}

/** The channels after a layer that stay, in the numbers of the whole network. */
function outputsOf(
  layer: LayerRecord,
  { inputs, shape, next, values, fraction }: Place,
): readonly number[] {
  const channels = next.at(-1)!;
  if (layer.kind === 'convolution' || layer.kind === 'dense') {
    const norms = channelNorms(values.get(`${layer.name}.weight`)!, channels);
    return keptChannels(norms, channels - Math.floor(fraction * channels));
  }
  if (layer.kind !== 'flatten') return inputs;
  const stays = new Set(inputs);
  return range(channels).filter((i) => stays.has(i % shape.at(-1)!));
}

function narrowed(layer: LayerRecord, channels: number): LayerRecord {
  if (layer.kind === 'convolution') return { ...layer, filters: channels };
  return layer.kind === 'dense' && layer.units !== 'classes'
    ? { ...layer, units: channels }
    : layer;
}

/** 1 [tensor's shape] where both channels stay, 0 elsewhere. */
export function channelMask(tensor: KeptTensor): Float32Array {
  const mask = new Float32Array(parameterSize(tensor));
  for (const i of keptPlaces(tensor)) mask[i] = 1;
  return mask;
}

/** The values of a tensor [its shape] in the smaller network. */
export function cutTensor(
  tensor: KeptTensor,
  values: Float32Array,
): ParameterSpec & { readonly values: Float32Array } {
  const { name, shape, outputs, inputs } = tensor;
  const narrow = inputs === null ? [outputs.length] : [inputs.length, outputs.length];
  return {
    name,
    shape: [...shape.slice(0, shape.length - narrow.length), ...narrow],
    values: Float32Array.from(keptPlaces(tensor), (i) => values[i]!),
  };
}

/** Row-major places of the whole tensor at which both channels stay, in order. */
function keptPlaces({ shape, outputs, inputs }: KeptTensor): readonly number[] {
  const out = shape.at(-1)!;
  if (inputs === null) return outputs;
  const into = shape.at(-2)!;
  const outer = range(shape.slice(0, -2).reduce((a, b) => a * b, 1));
  return outer.flatMap((k) => inputs.flatMap((i) => outputs.map((o) => (k * into + i) * out + o)));
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, i) => i);
}
