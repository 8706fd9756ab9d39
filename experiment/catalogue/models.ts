/** The models Isthmus knows, and which images each of them takes. */
import type { ImageShape } from './datasets.js';

export const modelNames = [
  'cnn-small',
  'convfc',
  'mlp',
  'vgg16',
  'vgg16-bn',
  'preresnet26',
  'preresnet110',
  'preresnet164',
  'wrn28x10',
] as const;
export type ModelName = (typeof modelNames)[number];

export interface ModelDescription {
  /** Least and most height and width of an image, pixels. */
  readonly side: readonly [least: number, most: number];
  /** Whether training may drop activations. */
  readonly dropout: boolean;
  /** Whether it has running statistics beside its parameters. */
  readonly batchNorm: boolean;
}

const anySize = Number.MAX_SAFE_INTEGER;

export const models: Readonly<Record<ModelName, ModelDescription>> = {
  'cnn-small': { side: [4, anySize], dropout: false, batchNorm: false },
  convfc: { side: [15, anySize], dropout: false, batchNorm: false },
  mlp: { side: [1, anySize], dropout: false, batchNorm: false },
  vgg16: { side: [32, 32], dropout: true, batchNorm: false },
  'vgg16-bn': { side: [32, 32], dropout: true, batchNorm: true },
  preresnet26: { side: [32, 32], dropout: false, batchNorm: true },
  preresnet110: { side: [32, 32], dropout: false, batchNorm: true },
  preresnet164: { side: [32, 32], dropout: false, batchNorm: true },
  wrn28x10: { side: [32, 32], dropout: false, batchNorm: true },
};

/** Why the model cannot take such images, or null if it can. */
export function misfit(name: ModelName, shape: ImageShape): string | null {
  const [least, most] = models[name].side;
  const fits = shape.slice(0, 2).every((side) => side >= least && side <= most);
  if (fits) return null;
  const wanted = least === most ? `of ${least} x ${least}` : `of at least ${least} x ${least}`;
  return `${name} takes images ${wanted} pixels, not ${shape[0]} x ${shape[1]}`;
}

/** The models that take such images. */
export function modelsFor(shape: ImageShape): readonly ModelName[] {
  return modelNames.filter((name) => misfit(name, shape) === null);
}
