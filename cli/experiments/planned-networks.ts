/** The networks of a plan: their sizes, and of a user's own the shape after each layer. */
import {
  modelSize,
  modelTitle,
  significantModel,
  type ModelSize,
  type ModelSpec,
} from '../../experiment/catalogue/models/index.js';
import {
  layerShapes,
  shapeText,
  type LayerShape,
} from '../../experiment/catalogue/models/layer-shapes.js';
import { isModule } from '../../experiment/catalogue/models/own-model.js';
import type { ParameterRecord } from '../../experiment/catalogue/models/weights.js';
import type { DatasetFacts } from '../../experiment/catalogue/datasets.js';
import { datasetIdentity, describeDataset } from '../../experiment/catalogue/own-dataset.js';
import { canonical } from '../../experiment/canonical.js';
import { networkSize } from '../../experiment/plan/engine-threads.js';
import type { PlannedRun } from '../../experiment/records/runs.js';
import type { EngineThreads } from '../../settings/engines.js';
import { textTable } from '../terminal/tables.js';

export interface PlannedNetwork extends ModelSize {
  /** Its name. */
  readonly model: string;
  /** Its name. */
  readonly dataset: string;
  /** Threads of an engine that computes its runs, if a worker has this machine's cores and settings; it decides bits. */
  readonly threads: number;
  /** Layers of a user's network, with the shape after each. */
  readonly layers?: readonly LayerShape[];
  /** Parameters of a user's function of tensors. */
  readonly tensors?: readonly Pick<ParameterRecord, 'name' | 'shape'>[];
}

/** Each network of the plan once, with its size for the images of its data set. */
export function plannedNetworks(
  runs: readonly PlannedRun[],
  threads: EngineThreads,
): readonly PlannedNetwork[] {
  const found = new Map<string, PlannedNetwork>();
  for (const { spec } of runs) {
    if (!('model' in spec)) continue;
    const { model } = spec;
    const dataset = describeDataset(spec.dataset);
    const identity = `${canonical(significantModel(model))} ${datasetIdentity(spec.dataset)}`;
    if (found.has(identity)) continue;
    found.set(identity, {
      ...{ model: modelTitle(model), dataset: dataset.name },
      ...modelSize(model, dataset.shape, dataset.classes),
      threads: threads[networkSize(spec)],
      ...ownParts(model, dataset),
    });
  }
  return [...found.values()];
}

function ownParts(
  model: ModelSpec,
  { shape, classes }: DatasetFacts,
): Pick<PlannedNetwork, 'layers' | 'tensors'> {
  if (typeof model === 'string') return {};
  if (isModule(model)) {
    return { tensors: model.parameters.map(({ name, shape: own }) => ({ name, shape: own })) };
  }
  return { layers: layerShapes(model.architecture, shape, classes) };
}

export function networkLine(network: PlannedNetwork): string {
  const { model, dataset, parameters, bytes, threads } = network;
  const size = `${parameters.toLocaleString('en')} parameters, ${(bytes / 1e6).toFixed(1)} MB`;
  const engine = `engines of ${threads} thread${threads === 1 ? '' : 's'}`;
  return `network: ${model} on ${dataset}, ${size}, ${engine}`;
}

/** One table of a user's network, none of a network of the catalogue. */
export function layerTable({ model, layers, tensors }: PlannedNetwork): readonly string[] {
  if (layers) {
    const rows = layers.map((one) => {
      return [one.at, one.layer, shapeText(one.shape), one.parameters.toLocaleString('en')];
    });
    return [textTable([model, 'layer', 'shape after it', 'parameters'], rows, isNumeric)];
  }
  if (!tensors) return [];
  const rows = tensors.map(({ name, shape }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return [name, shapeText(shape), count.toLocaleString('en')];
  });
  return [textTable([model, 'shape', 'parameters'], rows, (column) => column === 2)];
}

function isNumeric(column: number): boolean {
  return column === 3;
}
