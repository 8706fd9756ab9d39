/** Reads a data set of the catalogue; one that is generated is made at its first use. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetDescription } from '../../experiment/catalogue/datasets.js';
import type { Splits } from '../../experiment/records/labelled-images.js';
import { shapes32Records } from '../../numerics/data/shapes32.js';
import { ownFolder, writeDatasetFile } from '../../stores/datasets/dataset-files.js';
import { readDataset } from '../../stores/datasets/read-dataset.js';

/** Throws when the files hold other images than the data set has. */
export async function decodeDataset(
  description: DatasetDescription,
  dataDir: string,
): Promise<Splits> {
  if (description.source === 'generated') await generateMissing(description, dataDir);
  return readDataset(description, dataDir);
}

/** Two engines may do this at once: both write the same bytes. */
async function generateMissing(description: DatasetDescription, dataDir: string): Promise<void> {
  if (description.format !== 'cifar10')
    throw new Error(`${description.name}: nothing generates it`);
  const folder = ownFolder(description, dataDir);
  for (const split of ['train', 'test'] as const) {
    const file = description.files[split];
    if (existsSync(join(folder, file.name))) continue;
    const bytes = shapes32Records(split, 0, description[split]);
    await writeDatasetFile(description.name, folder, file, bytes);
  }
}
