/**
 * Weights drawn from seeds and generated images: the same bytes on every machine, so that results in float64 can be
 * stored without them, and a bare machine needs neither a data set nor a trained network.
 */
import { existsSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCifar } from '../../stores/formats/cifar.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { selectImages } from '../../numerics/data/select.js';
import { shapes32Records } from '../../numerics/data/shapes32.js';
import type { Model } from '../../numerics/models/model.js';
import type { ParameterValues } from '../../numerics/models/parameters.js';
import { modelFor } from '../../numerics/models/registry.js';
import { stream } from '../../numerics/random.js';
import { sha256 } from '../../stores/sha256.js';
import { saveInputs } from '../isthmus/save-inputs.js';
import { classes, imageShapes, storedImages } from '../isthmus/sizes.js';
import type { BenchModel } from '../request.js';
import { comparedParts, readReference, type Chosen } from './reference.js';

/** The file in this folder, which the steps share; the first to need it draws it. */
export async function drawOnce(name: BenchModel, folder: string): Promise<string> {
  const path = join(folder, `drawn-${name}.safetensors`);
  if (existsSync(path)) return path;
  const { inputs, chosen } = await readReference(name);
  const digest = await drawInputs(name, path, chosen);
  if (digest === inputs) return path;
  rmSync(path);
  throw new Error(
    `${name}: weights and images drawn here have sha256 ${digest}, those of the stored results ${inputs}`,
  );
}

/** sha256 of the file. */
export async function drawInputs(
  name: BenchModel,
  path: string,
  { statistics, order }: Chosen,
): Promise<string> {
  const model = modelFor(name, imageShapes[name], classes);
  const sets = new Map([
    ['weights/', merged([drawn(model, 1), startStatistics(model), statistics])],
  ]);
  if (comparedParts[name].includes('curve')) {
    sets.set('end/', drawn(model, 2)).set('bend/', drawn(model, 3));
  }
  await saveInputs(path, model, sets, reordered(imagesFor(name), order));
  return sha256(await readFile(path));
}

function merged(values: readonly ParameterValues[]): ParameterValues {
  return new Map(values.flatMap((one) => [...one]));
}

function drawn(model: Model, seed: number): ParameterValues {
  return model.initial(stream(seed, 'init', 0));
}

function startStatistics({ statistics = [] }: Model): ParameterValues {
  return new Map(
    statistics.map(({ name, shape, start }) => {
      const size = shape.reduce((product, side) => product * side, 1);
      return [name, new Float32Array(size).fill(start)];
    }),
  );
}

function imagesFor(name: BenchModel): LabelledImages {
  const images = decodeCifar([shapes32Records('test', 0, storedImages)], 1);
  return imageShapes[name][2] === 3 ? images : greyCentre(images, imageShapes[name][0]);
}

function reordered(images: LabelledImages, order: Int32Array | null): LabelledImages {
  return order === null ? images : selectImages(images, order);
}

/** The green channel of the pixels in the middle. */
function greyCentre(
  { count, shape, pixels, labels }: LabelledImages,
  side: number,
): LabelledImages {
  const [height, width, channels] = shape;
  const [top, left] = [(height - side) / 2, (width - side) / 2];
  const grey = new Uint8Array(count * side * side);
  for (let i = 0; i < grey.length; i++) {
    const [image, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    const pixel = (image * height + top + y) * width + left + x;
    grey[i] = pixels[pixel * channels + 1]!;
  }
  return { count, shape: [side, side, 1], pixels: grey, labels };
}
