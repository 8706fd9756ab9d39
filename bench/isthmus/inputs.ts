/** Makes the weights and images that all sides of a benchmark work on: real images, a short training. */
import * as tf from '@tensorflow/tfjs';
import { firstImages } from '../../engine/toolkit/data.js';
import { decodeDataset } from '../../engine/toolkit/decode-dataset.js';
import { datasets } from '../../experiment/catalogue/datasets.js';
import { linearBends } from '../../numerics/curves/curve.js';
import { decodeCifar } from '../../stores/formats/cifar.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import { shapes32Records } from '../../numerics/data/shapes32.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { modelFor } from '../../numerics/models/registry.js';
import { toTensors, toValues, type ParameterValues } from '../../numerics/models/parameters.js';
import { stream } from '../../numerics/random.js';
import { fitBends } from '../../numerics/training/curve.js';
import { trainFrom } from '../../numerics/training/endpoint.js';
import type { TimedModel } from '../request.js';
import { saveInputs, type WeightSets } from './save-inputs.js';
import { batchSize, classes, imageShapes, storedImages } from './sizes.js';

interface Making {
  /** Training images. */
  readonly images: number;
  readonly epochs: number;
  /** Whether a second endpoint and the bend between the two are made as well. */
  readonly curve: boolean;
}

const makings: Readonly<Record<TimedModel, Making>> = {
  'cnn-small': { images: 50 * batchSize, epochs: 2, curve: true },
  nemon: { images: storedImages, epochs: 1, curve: false },
  vgg16: { images: storedImages, epochs: 1, curve: false },
  preresnet26: { images: storedImages, epochs: 2, curve: false },
};

export async function makeInputs(host: GraphHost, name: TimedModel, path: string): Promise<void> {
  const making = makings[name];
  const images = await trainingImages(name, making.images);
  const model = modelFor(name, images.shape, classes);
  const data = makeResident(images, classes);
  try {
    const sets = await trainSets(host, model, data, making);
    await saveInputs(path, model, sets, firstImages(images, storedImages));
  } finally {
    data.dispose();
  }
}

async function trainingImages(name: TimedModel, count: number): Promise<LabelledImages> {
  if (imageShapes[name][2] === 3) return decodeCifar([shapes32Records('train', 0, count)], 1);
  // The files come with the installation, whatever the data folder.
  const { train } = await decodeDataset(datasets.mnist, '');
  return firstImages(train, count);
}

async function trainSets(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  { epochs, curve }: Making,
): Promise<WeightSets> {
  const weights = await train(host, model, data, epochs, 1);
  if (!curve) return new Map([['weights/', weights]]);
  const end = await train(host, model, data, epochs, 2);
  const bend = await fit(host, model, data, weights, end);
  return new Map([
    ['weights/', weights],
    ['end/', end],
    ['bend/', bend],
  ]);
}

async function train(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  epochs: number,
  seed: number,
): Promise<ParameterValues> {
  const start = toTensors(model.parameters, model.initial(stream(seed, 'init', 0)));
  const recipe = { epochs, batchSize, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 };
  const onStep = (): void => undefined;
  const weights = await trainFrom(host, start, {
    ...{ model, recipe, adversarial: null, data, seed, onStep },
  });
  const values = toValues(weightSpecs(model), weights);
  tf.dispose(weights);
  return values;
}

async function fit(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  start: ParameterValues,
  end: ParameterValues,
): Promise<ParameterValues> {
  const { parameters } = model;
  const ends = { start: toTensors(parameters, start), end: toTensors(parameters, end) };
  const initial = linearBends(parameters, start, end, 1).map((b) => toTensors(parameters, b));
  const recipe = { epochs: 1, batchSize, learningRate: 0.015, momentum: 0.9, weightDecay: 5e-4 };
  const onStep = (): void => undefined;
  const [bend] = await fitBends(host, ends, initial, {
    ...{ model, family: 'bezier', recipe, data, seed: 1, onStep },
  });
  const values = toValues(parameters, bend!);
  tf.dispose([...bend!, ...ends.start, ...ends.end]);
  return values;
}
