/** How far weights are from their grid, and how many of them, and of their channels, are zero. */
import * as tf from '@tensorflow/tfjs';
import type { SoleReader } from '../../experiment/catalogue/models/kernel-sites.js';
import type { QuantisationSpec } from '../../experiment/specs/quantisation.js';
import type { ParameterSpec, ParameterTensors, ParameterValues } from '../models/parameters.js';
import { quantise } from './quantisers.js';

/** ‖V - Q(V)‖ / ‖V‖ over all quantised parameters together; 0 where all of them are zero. */
export function gridDistance(
  specs: readonly ParameterSpec[],
  parameters: ParameterTensors,
  { weights: names, ...quantiser }: QuantisationSpec,
): number {
  const [apart, whole] = tf.tidy(() => {
    const kernels = specs.flatMap(({ name }, i) => (names.includes(name) ? [parameters[i]!] : []));
    const squared = (each: readonly tf.Tensor[]) => tf.addN(each.map((w) => tf.sum(tf.square(w))));
    const errors = kernels.map((v) => tf.sub(v, quantise(v, quantiser)));
    return tf.stack([squared(errors), squared(kernels)]).dataSync();
  });
  return whole! > 0 ? Math.sqrt(apart! / whole!) : 0;
}

/** Shares of zeros, in [0, 1]; null where there is nothing of the sort. */
export interface ZeroShares {
  /** All weights of the kernels. */
  readonly weights: number;
  /** Input channels of kernels that read nothing (as LZJ, Attack_PGD_EnResNet.py, counts them over all kernels). */
  readonly inputChannels: number;
  /** Output channels of kernels that are zero but for their bias. */
  readonly outputChannels: number;
  /** Output channels of layers with a sole reader, also quantised, which does not read them: they can be cut out. */
  readonly removableChannels: number | null;
}

/** Kernels [..., in, out] that were quantised, by the names of their parameters; all other weights are left out. */
export function zeroShares(
  specs: readonly ParameterSpec[],
  values: ParameterValues,
  names: readonly string[],
  readers: readonly SoleReader[],
): ZeroShares {
  const kernels = new Map(
    specs
      .filter(({ name }) => names.includes(name))
      .map(({ name, shape }) => [name, { shape, data: values.get(name)! }] as const),
  );
  const all = [...kernels.values()];
  const between = readers.flatMap(({ producer, reader }) => {
    const made = specs.find(({ name }) => name === `${producer}.weight`);
    const read = kernels.get(`${reader}.weight`);
    return made === undefined || read === undefined ? [] : [unread(read, made.shape.at(-1)!)];
  });
  return {
    weights: share(all.map(({ data }) => Array.from(data, (w) => w === 0))),
    inputChannels: share(all.map((kernel) => unread(kernel, kernel.shape.at(-2)!))),
    outputChannels: share(all.map((kernel) => silent(kernel))),
    removableChannels: between.length > 0 ? share(between) : null,
  };
}

interface Kernel {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Which of so many channels a kernel does not read; a flattened image has the channel as its last axis. */
export function unread({ shape, data }: Kernel, channels: number): boolean[] {
  const outputs = shape.at(-1)!;
  const isZero = new Array<boolean>(channels).fill(true);
  data.forEach((w, i) => {
    if (w !== 0) isZero[Math.floor(i / outputs) % channels] = false;
  });
  return isZero;
}

/** Which output channels have no weight but zero. */
function silent({ shape, data }: Kernel): boolean[] {
  const outputs = shape.at(-1)!;
  const isZero = new Array<boolean>(outputs).fill(true);
  data.forEach((w, i) => {
    if (w !== 0) isZero[i % outputs] = false;
  });
  return isZero;
}

function share(groups: readonly (readonly boolean[])[]): number {
  const all = groups.flat();
  return all.filter(Boolean).length / all.length;
}
