/** The list of networks, and what follows from their layers: names, counts, bytes, which images they take. */
import type { ImageShape } from '../datasets.js';
import { cnnSmall } from './cnn-small.js';
import { convFc } from './convfc.js';
import { allLayers, type Architecture, type LayerRecord } from './layer-records.js';
import { lenet300, lenet5 } from './lenet.js';
import { mlp } from './mlp.js';
import { nemon } from './nemon.js';
import { isModule, type LayersModel, type ModuleModel, type OwnModel } from './own-model.js';
import { preResNet } from './preresnet.js';
import { resNet } from './resnet.js';
import { vgg16, vgg16Bn, vgg16Thin } from './vgg.js';
import { weightsFor, type ParameterRecord, type Weights } from './weights.js';
import { wrn28x10 } from './wide-resnet.js';

const architectures = {
  'cnn-small': cnnSmall,
  convfc: convFc,
  mlp,
  lenet300,
  lenet5,
  vgg16,
  'vgg16-thin': vgg16Thin,
  'vgg16-bn': vgg16Bn,
  resnet20: resNet(20),
  resnet32: resNet(32),
  resnet44: resNet(44),
  resnet56: resNet(56),
  resnet110: resNet(110),
  preresnet26: preResNet(26),
  preresnet110: preResNet(110),
  preresnet164: preResNet(164),
  wrn28x10,
  nemon,
} as const satisfies Readonly<Record<string, Architecture>>;

export type ModelName = keyof typeof architectures;

export const modelNames = Object.keys(architectures) as readonly ModelName[];

/** A network of the catalogue, or a user's. */
export type ModelSpec = ModelName | OwnModel;

/** Name for people. */
export function modelTitle(model: ModelSpec): string {
  return typeof model === 'string' ? model : model.name;
}

/** The part that decides results: the layers, or the digest of the module. */
export function significantModel(
  model: ModelSpec,
): ModelName | Pick<LayersModel, 'architecture'> | { readonly module: string } {
  if (typeof model === 'string') return model;
  return isModule(model) ? { module: model.module.digest } : { architecture: model.architecture };
}

/** The layers of a network, in order. */
export function modelLayers(model: ModelName | LayersModel): readonly LayerRecord[] {
  return typeof model === 'string' ? architectures[model].layers : model.architecture;
}

/** The weights of a network; throws where its layers cannot take such images. */
export function modelWeights(model: ModelSpec, shape: ImageShape, classes: number): Weights {
  if (!isModule(model)) return weightsFor(modelLayers(model), shape, classes);
  const { parameters, products } = model;
  return { parameters, statistics: [], shape: [classes], products };
}

/** Size of a network for such images. */
export interface ModelSize {
  /** Trained values. */
  readonly parameters: number;
  /** Parameters and running statistics as float32, as they are stored. */
  readonly bytes: number;
}

/** How large a network is for such images. */
export function modelSize(model: ModelSpec, shape: ImageShape, classes: number): ModelSize {
  const { parameters, statistics } = modelWeights(model, shape, classes);
  const count = (tensors: readonly { readonly shape: readonly number[] }[]) =>
    tensors.reduce((total, tensor) => total + tensor.shape.reduce((a, b) => a * b, 1), 0);
  return { parameters: count(parameters), bytes: 4 * (count(parameters) + count(statistics)) };
}

/** Whether a network has a layer of this kind, e.g. `dropout`; of a module, as far as its weights show it. */
export function hasLayer(model: ModelSpec, kind: LayerRecord['kind']): boolean {
  if (!isModule(model)) return allLayers(modelLayers(model)).some((layer) => layer.kind === kind);
  return kind === 'dropout' ? model.drops : kind === 'convolution' && kernels(model).length > 0;
}

/** The most filters of one convolution; 0 without any. */
export function widestConvolution(model: ModelSpec): number {
  const filters = isModule(model)
    ? kernels(model).map(({ shape }) => shape.at(-1)!)
    : allLayers(modelLayers(model)).map((layer) =>
        layer.kind === 'convolution' ? layer.filters : 0,
      );
  return Math.max(0, ...filters);
}

/** Parameters in the shape of a convolution's kernels, [height, width, in, out]. */
function kernels({ parameters }: ModuleModel): readonly ParameterRecord[] {
  return parameters.filter(({ shape }) => shape.length === 4);
}

/** Why a network of the catalogue cannot take such images, or null if it can. */
export function misfit(name: ModelName, shape: ImageShape): string | null {
  const [least, most] = architectures[name].side;
  const fits = shape.slice(0, 2).every((side) => side >= least && side <= most);
  if (fits) return unfitLayer(name, shape);
  const wanted = least === most ? `of ${least} x ${least}` : `of at least ${least} x ${least}`;
  return `${name} takes images ${wanted} pixels, not ${shape[0]} x ${shape[1]}`;
}

/** The number of classes does not matter here. */
function unfitLayer(name: ModelName, shape: ImageShape): string | null {
  try {
    modelWeights(name, shape, 2);
    return null;
  } catch (error) {
    return `${name}: ${(error as Error).message}`;
  }
}

/** The models that take such images. */
export function modelsFor(shape: ImageShape): readonly ModelName[] {
  return modelNames.filter((name) => misfit(name, shape) === null);
}
