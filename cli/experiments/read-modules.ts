/** Reads and examines the modules of networks that an experiment names. */
import { dirname, isAbsolute, join } from 'node:path';
import { describeDataset, type DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import type { OwnModel } from '../../experiment/catalogue/models/own-model.js';
import { defaultModelName, mostModuleBytes } from '../../experiment/config/model.js';
import { UserError } from '../../experiment/errors.js';
import type { WrittenModule } from '../../experiment/file/document.js';
import { readLayers } from '../../experiment/file/read-layers.js';
import { decodeText } from '../../experiment/reading/decode.js';
import { dotted } from '../../experiment/reading/mistakes.js';
import { SweepMistake } from '../../experiment/sweep/mistake.js';
import { readBytes } from '../../stores/datasets/own/read-bytes.js';
import { about } from '../../stores/datasets/own/refuse.js';
import { sha256 } from '../../stores/sha256.js';
import { examineModule } from './examine-module.js';
import { nameFromPath } from './name-from-path.js';
import type { OnBlob } from './read-imports.js';

/** By their paths as written; empty without a data set, which the check of the file will say. */
export async function readModules(
  modules: readonly WrittenModule[],
  dataset: DatasetSpec | null,
  onBlob: OnBlob,
): Promise<ReadonlyMap<string, OwnModel>> {
  const read = new Map<string, OwnModel>();
  if (dataset === null) return read;
  for (const one of modules) {
    if (!read.has(one.path)) read.set(one.path, await readModule(one, dataset, onBlob));
  }
  return read;
}

async function readModule(
  { path, source }: WrittenModule,
  dataset: DatasetSpec,
  onBlob: OnBlob,
): Promise<OwnModel> {
  const file = isAbsolute(path) || source === null ? path : join(dirname(source), path);
  const bytes = await about(file, () => readBytes(file, mostModuleBytes));
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw new UserError('bad-input', `${file}: ${decoded.what}`);
  const { shape, classes } = describeDataset(dataset);
  const found = await examineModule(file, { text: decoded.text, shape, classes });
  const name = nameFromPath(file, defaultModelName);
  if (found.kind === 'layers') return layersOf(file, name, found.layers);
  onBlob(bytes);
  return { name, module: { digest: sha256(bytes), bytes: bytes.length }, ...found.facts };
}

/** The list is data from here on: the module's text decides nothing more. */
function layersOf(file: string, name: string, layers: unknown): OwnModel {
  try {
    return readLayers({ name, layers }, []);
  } catch (error) {
    if (!(error instanceof SweepMistake)) throw error;
    throw new UserError('bad-input', `${file}: ${dotted(error.path)}: ${error.message}`);
  }
}
