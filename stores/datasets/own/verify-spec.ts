/** Whether the data set of a run is here, before anything is started. */
import { datasets } from '../../../experiment/catalogue/datasets.js';
import type { DatasetSpec } from '../../../experiment/catalogue/own-dataset.js';
import { verifyDataset } from '../read-dataset.js';
import { readOwn } from './own-store.js';

/** Throws a UserError where it is missing or another one. */
export async function verifySpec(dataset: DatasetSpec, dataDir: string): Promise<void> {
  if (typeof dataset === 'string') await verifyDataset(datasets[dataset], dataDir);
  else await readOwn(dataset, dataDir);
}
