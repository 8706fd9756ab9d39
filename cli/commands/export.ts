/** `export`: a network of an experiment as one safetensors file, in the layout of PyTorch or of TensorFlow. */
import { datasets } from '../../experiment/catalogue/datasets.js';
import { describeDataset, type DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import { modelLayers, modelTitle, modelWeights } from '../../experiment/catalogue/models/index.js';
import { isModule } from '../../experiment/catalogue/models/own-model.js';
import { UserError } from '../../experiment/errors.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { PlannedRun } from '../../experiment/records/runs.js';
import { loadSettings } from '../../settings/settings.js';
import { listOwn } from '../../stores/datasets/own/own-store.js';
import { createBlobStore } from '../../stores/blobs/s3-blob-store.js';
import { toPytorch } from '../../stores/formats/pytorch-layout.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import { withReader } from '../connections/reader.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { findRun } from '../experiments/find-run.js';
import { storedWeights, type Position, type Weights } from '../networks/stored-network.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { tryOutput, writeWholeFile } from '../terminal/write-file.js';

export type Layout = 'pytorch' | 'tensorflow';

export interface ExportOptions extends CommonOptions, Position {
  readonly output: string;
  readonly layout: Layout;
}

/** Specifications of runs that have a network. */
type NetworkSpec = Extract<RunSpec, { readonly model: unknown }>;

export async function exportNetwork(
  context: Context,
  id: string,
  run: string,
  { output, layout, ...position }: ExportOptions,
): Promise<ExitCode> {
  tryOutput(output);
  const settings = loadSettings(context.env);
  const { experiment, rows } = await withReader(settings, async (store) => {
    const found = await findExperiment(store, id);
    return { experiment: found, rows: await store.runsOf(found.id) };
  });
  const row = findRun(rows, run, experiment.id);
  const spec = networkSpec(row.run);
  const blobs = createBlobStore(settings.s3);
  const weights = await storedWeights({ blobs, rows, id }, row, position);
  const metadata = {
    ...{ format: 'pt', layout, experiment: experiment.id, run: row.run.name, key: row.run.key },
    ...provenance(spec, position, settings.dataDir),
  };
  writeWholeFile(output, encodeSafetensors(laidOut(spec, layout, weights), metadata));
  if (context.json) printJson(context, { run: row.run.name, output, layout, ...position });
  else context.print(output);
  return exitCodes.ok;
}

function networkSpec({ name, spec }: PlannedRun): NetworkSpec {
  if ('model' in spec) return spec;
  throw new UserError('bad-input', `${name} has no network`);
}

/** safetensors holds texts only: what is no text is JSON. */
function provenance(
  spec: NetworkSpec,
  { t, bend }: Position,
  dataDir: string,
): Readonly<Record<string, string>> {
  const { name, shape, classes } = describeDataset(spec.dataset);
  return {
    ...(t === undefined ? {} : { t: String(t) }),
    ...(bend === undefined ? {} : { bend: String(bend) }),
    model: modelTitle(spec.model),
    ...(isModule(spec.model)
      ? { module: spec.model.module.digest }
      : { layers: JSON.stringify(modelLayers(spec.model)) }),
    input: JSON.stringify({ shape, range: [0, 1], axes: 'height, width, channels' }),
    classes: String(classes),
    dataset: name,
    ...datasetProvenance(spec.dataset, dataDir),
    licence: `the weights are yours; ask the licence of ${name} before you publish them`,
  };
}

/** One without `contents` is known by its files alone. A user's has class names where it was added by name. */
function datasetProvenance(
  dataset: DatasetSpec,
  dataDir: string,
): Readonly<Record<string, string>> {
  if (typeof dataset !== 'string') {
    const { digest } = dataset;
    const known = listOwn(dataDir).find((one) => one.dataset.digest === digest);
    return {
      ...(known && { classNames: JSON.stringify(known.classNames) }),
      datasetContents: digest,
    };
  }
  const { files, classNames, contents } = datasets[dataset];
  return {
    classNames: JSON.stringify(classNames),
    datasetFiles: JSON.stringify(files),
    ...(contents === null ? {} : { datasetContents: contents }),
  };
}

function laidOut(spec: NetworkSpec, layout: Layout, weights: Weights): Map<string, StoredTensor> {
  const { shape, classes } = describeDataset(spec.dataset);
  switch (layout) {
    case 'pytorch': {
      if (isModule(spec.model)) throw withoutLayers(spec.model.name);
      const network = { layers: modelLayers(spec.model), shape, classes };
      return asFloat32(toPytorch(network, weights));
    }
    case 'tensorflow': {
      const { parameters, statistics } = modelWeights(spec.model, shape, classes);
      const named = [...parameters, ...statistics].filter(({ name }) => weights.has(name));
      return asFloat32(
        named.map(({ name, shape: own }) => [name, { shape: own, data: weights.get(name)! }]),
      );
    }
    default:
      throw new Error(`unknown layout ${String(layout satisfies never)}`);
  }
}

function withoutLayers(name: string): UserError {
  const message = `${name} is a function of tensors: it has no names and axes of PyTorch's`;
  return new UserError('bad-input', message, { hint: 'export it with --layout tensorflow' });
}

function asFloat32(
  tensors: Iterable<readonly [string, { shape: readonly number[]; data: Float32Array }]>,
): Map<string, StoredTensor> {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }]),
  );
}
