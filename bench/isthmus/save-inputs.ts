/** The file of weights and images that all sides of a benchmark read. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import type { ParameterValues } from '../../numerics/models/parameters.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';

/** Parameters and statistics by the prefix of their names. */
export type WeightSets = ReadonlyMap<string, ParameterValues>;

export async function saveInputs(
  path: string,
  model: Model,
  sets: WeightSets,
  images: LabelledImages,
): Promise<void> {
  const tensors = new Map<string, StoredTensor>([
    ['images', { dtype: 'U8', shape: [images.count, ...images.shape], data: images.pixels }],
    ['labels', { dtype: 'U8', shape: [images.count], data: images.labels }],
  ]);
  const shapes = new Map(weightSpecs(model).map(({ name, shape }) => [name, shape]));
  for (const [prefix, values] of sets) {
    for (const [name, data] of values) {
      tensors.set(`${prefix}${name}`, { dtype: 'F32', shape: shapes.get(name)!, data });
    }
  }
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, encodeSafetensors(tensors, {}));
  await rename(part, path);
}
