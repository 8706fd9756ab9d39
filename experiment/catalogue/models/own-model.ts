/** Networks that a user brings: as layers, or as a module of JavaScript that is a function of tensors. */
import type { ImageShape } from '../datasets.js';
import type { LayerRecord } from './layer-records.js';
import type { ParameterRecord } from './weights.js';

/** Layers that an experiment file, or a module that it names, lists. */
export interface LayersModel {
  /** For people: it decides no result. */
  readonly name: string;
  readonly architecture: readonly LayerRecord[];
}

/** A module `forward({ tf, weights, images, training })`, with what planning needs of it. */
export interface ModuleModel {
  /** For people. */
  readonly name: string;
  /** sha256 and length of its text, under which it is stored. */
  readonly module: { readonly digest: string; readonly bytes: number };
  /** The images and classes that it was examined for. */
  readonly input: { readonly shape: ImageShape; readonly classes: number };
  readonly parameters: readonly ParameterRecord[];
  /** Multiplications of convolutions and matrix products for one image. */
  readonly products: number;
  /** Whether it drops activations in training. */
  readonly drops: boolean;
  /** Why there are no exact second derivatives in the images or in the weights; null: there are. */
  readonly withoutTangent: { readonly images: string | null; readonly weights: string | null };
}

export type OwnModel = LayersModel | ModuleModel;

export function isModule(model: string | OwnModel): model is ModuleModel {
  return typeof model !== 'string' && 'module' in model;
}

/** Among the fields of a specification. */
export function isOwnModel(field: object): field is OwnModel {
  return 'architecture' in field || ('module' in field && 'withoutTangent' in field);
}
