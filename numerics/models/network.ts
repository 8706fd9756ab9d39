/** A model from the layers of an architecture. */
import type * as tf from '@tensorflow/tfjs';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { weightsFor } from '../../experiment/catalogue/models/weights.js';
import { normaliseBy, normaliseByBatch } from './batch-norm.js';
import { foldBatchNorm, foldedWeight } from './fold-batch-norm.js';
import { forward, type ForwardPass } from './forward.js';
import { drawInitial } from './initial.js';
import type { Model } from './model.js';
import type { ParameterTensors } from './parameters.js';

/** Layers and what they are applied to. */
export interface Network {
  /** For people. */
  readonly name: string;
  readonly layers: readonly LayerRecord[];
  /** Height, width and channels of an image. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
}

/**
 * The model whose weights are those of its layers, in the order of the layers.
 * Throws where a layer cannot take what comes before it.
 */
export function network({ name, layers, shape, classes }: Network): Model {
  const { parameters, statistics } = weightsFor(layers, shape, classes);
  const position = new Map([...parameters, ...statistics].map((spec, i) => [spec.name, i]));
  const folded = foldBatchNorm(layers);
  const lookUp = (weights: ParameterTensors): ForwardPass['weight'] => {
    return (wanted) => weights[position.get(wanted)!]!;
  };
  const evaluated = (weights: ParameterTensors): ForwardPass => {
    const stored = lookUp(weights);
    const weight = foldedWeight(stored, (wanted) => position.has(wanted), folded.batchNorms);
    const normalise: ForwardPass['normalise'] = (at, x, gamma, beta) =>
      normaliseBy(x, gamma, beta, stored(`${at}.mean`), stored(`${at}.variance`));
    return { weight, normalise, drop: identity };
  };
  return {
    name,
    parameters,
    layers,
    ...(statistics.length > 0 ? { statistics } : {}),
    initial: (generator) =>
      new Map(parameters.map((spec) => [spec.name, drawInitial(generator, spec)])),
    apply: (weights, images) => forward(folded.layers, images, evaluated(weights)),
    ...(folded.layers.at(-1)?.kind === 'dense'
      ? {
          features(weights, images) {
            const pass = evaluated(weights);
            const features = forward(folded.layers.slice(0, -1), images, pass);
            return { features, logits: forward(folded.layers.slice(-1), features, pass) };
          },
        }
      : {}),
    train(weights, images, { drop, observe }) {
      const normalise: ForwardPass['normalise'] = (_at, x, gamma, beta) =>
        normaliseByBatch(x, gamma, beta, observe);
      return forward(layers, images, { weight: lookUp(weights), normalise, drop });
    },
  };
}

function identity(x: tf.Tensor): tf.Tensor {
  return x;
}
