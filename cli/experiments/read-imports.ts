/** Reads the weights that the endpoints of an experiment import. */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { describeDataset, type DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import {
  modelLayers,
  modelTitle,
  modelWeights,
  type ModelSpec,
} from '../../experiment/catalogue/models/index.js';
import { isModule } from '../../experiment/catalogue/models/own-model.js';
import type { ImportedWeights } from '../../experiment/config/imported.js';
import type { WrittenImport } from '../../experiment/file/document.js';
import { about } from '../../stores/datasets/own/refuse.js';
import { readBytes } from '../../stores/datasets/own/read-bytes.js';
import { readNetwork } from '../../stores/formats/network-file.js';
import { encodeWeights } from '../../stores/formats/weights-file.js';
import { sha256 } from '../../stores/sha256.js';

/** Told what runs are to find in the object store; its digest is in the plan. */
export type OnBlob = (bytes: Uint8Array) => void;

/** By endpoint; empty where there is no such network or data set, which the check of the file will say. */
export async function readImports(
  imports: readonly WrittenImport[],
  network: { readonly model: ModelSpec | null; readonly dataset: DatasetSpec | null },
  onBlob: OnBlob,
): Promise<ReadonlyMap<string, ImportedWeights>> {
  const { model, dataset } = network;
  if (model === null || dataset === null) return new Map();
  const read = new Map<string, ImportedWeights>();
  for (const one of imports) {
    const path = locate(one);
    const bytes = await about(path, async () =>
      stored(await readBytes(path, mostBytes), one, model, dataset),
    );
    onBlob(bytes);
    const digest = sha256(bytes);
    read.set(one.endpoint, { name: basename(one.file), digest, bytes: bytes.length });
  }
  return read;
}

/** Far above any network here; read whole. */
const mostBytes = 2 ** 31;

function locate({ file, source }: WrittenImport): string {
  if (isAbsolute(file) || source === null) return file;
  return join(dirname(source), file);
}

function stored(
  bytes: Uint8Array,
  { layout }: WrittenImport,
  model: ModelSpec,
  dataset: DatasetSpec,
): Uint8Array {
  const { shape, classes } = describeDataset(dataset);
  const { parameters, statistics } = modelWeights(model, shape, classes);
  const network = isModule(model)
    ? { tensors: parameters }
    : { layers: modelLayers(model), shape, classes };
  const values = readNetwork(bytes, layout, network);
  return encodeWeights(modelTitle(model), [...parameters, ...statistics], new Map([['', values]]));
}
