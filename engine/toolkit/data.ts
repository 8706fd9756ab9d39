/** Reads each data set once per engine and provides it to runs as tensors. */
import { datasets } from '../../experiment/catalogue/datasets.js';
import { datasetIdentity, type DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import type { LabelledImages, Splits } from '../../experiment/records/labelled-images.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import { readOwn } from '../../stores/datasets/own/own-store.js';
import type { EngineContext } from './context.js';
import { decodeDataset } from './decode-dataset.js';

export interface Dataset extends Splits {
  readonly classes: number;
}

/** Images per forward pass: of 16 to 500 the fastest for cnn-small, preresnet26 and vgg16, with one thread and with two. */
export const evaluationBatch = 64;

/** Images that are attacked at once; sets of 1,000 fill their batches. */
export const attackBatch = 125;

const decoded = new Map<string, Promise<Dataset>>();

export function dataset(context: EngineContext, spec: DatasetSpec): Promise<Dataset> {
  const key = `${datasetIdentity(spec)} in ${context.dataDir}`;
  let data = decoded.get(key);
  if (data === undefined) {
    data = decode(spec, context.dataDir);
    // A failure is not kept: the files may be put right while the engine lives.
    data.catch(() => decoded.get(key) === data && decoded.delete(key));
    // One at a time: the largest holds hundreds of megabytes.
    decoded.clear();
    decoded.set(key, data);
  }
  return data;
}

async function decode(spec: DatasetSpec, dataDir: string): Promise<Dataset> {
  if (typeof spec !== 'string') return readOwn(spec, dataDir);
  return { classes: datasets[spec].classes, ...(await decodeDataset(datasets[spec], dataDir)) };
}

/** The first `count` images. */
export function firstImages(data: LabelledImages, count: number): LabelledImages {
  const [height, width, channels] = data.shape;
  return {
    count,
    shape: data.shape,
    pixels: data.pixels.subarray(0, count * height * width * channels),
    labels: data.labels.subarray(0, count),
  };
}

/** Makes the images resident for as long as `use` takes. */
export async function withResident<T>(
  data: LabelledImages,
  classes: number,
  use: (resident: ResidentData) => Promise<T>,
): Promise<T> {
  const resident = makeResident(data, classes);
  try {
    return await use(resident);
  } finally {
    resident.dispose();
  }
}
