/** The weights and images of a benchmark as the runs of an experiment hold them. */
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { firstImages } from '../../engine/toolkit/data.js';
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { modelFor } from '../../numerics/models/registry.js';
import { toTensors, type ParameterValues } from '../../numerics/models/parameters.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import type { TimedModel } from '../request.js';
import { batchSize, classes } from './sizes.js';

export interface Setting {
  readonly host: GraphHost;
  readonly model: Model;
  /** Parameters, then statistics. */
  readonly weights: tf.Tensor[];
  readonly images: LabelledImages;
  readonly data: ResidentData;
  /** The first batch alone. */
  readonly firstBatch: ResidentData;
  /** Sets of parameters in the file by their prefix. */
  values(prefix: string): ParameterValues;
  dispose(): void;
}

export async function loadSetting(
  host: GraphHost,
  name: TimedModel,
  inputs: string,
): Promise<Setting> {
  const { tensors } = decodeSafetensors(await readFile(inputs));
  const images = decodeImages(tensors.get('images')!, tensors.get('labels')!);
  const model = modelFor(name, images.shape, classes);
  const values = (prefix: string): ParameterValues =>
    new Map(
      [...tensors]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { data }]) => [key.slice(prefix.length), data as Float32Array]),
    );
  const weights = toTensors(weightSpecs(model), values('weights/'));
  const data = makeResident(images, classes);
  const firstBatch = makeResident(firstImages(images, batchSize), classes);
  const dispose = (): void => {
    tf.dispose(weights);
    data.dispose();
    firstBatch.dispose();
  };
  return { host, model, weights, images, data, firstBatch, values, dispose };
}

interface Stored {
  readonly shape: readonly number[];
  readonly data: ArrayLike<unknown>;
}

function decodeImages(pixels: Stored, labels: Stored): LabelledImages {
  const [count, ...shape] = pixels.shape as [number, ...ImageShape];
  return {
    count,
    shape,
    pixels: pixels.data as Uint8Array,
    labels: labels.data as Uint8Array,
  };
}
