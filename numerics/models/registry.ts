/** The networks by name. */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import { misfit, type ModelName } from '../../experiment/catalogue/models.js';
import { cnnSmall } from './cnn-small.js';
import { convFc } from './convfc.js';
import { mlp } from './mlp.js';
import type { Model } from './model.js';
import { preResNet } from './preresnet.js';
import { vgg16, vgg16Bn } from './vgg.js';
import { wrn28x10 } from './wide-resnet.js';

type Architecture = (shape: ImageShape, classes: number) => Model;

const architectures: Readonly<Record<ModelName, Architecture>> = {
  'cnn-small': cnnSmall,
  convfc: convFc,
  mlp,
  vgg16,
  'vgg16-bn': vgg16Bn,
  preresnet26: preResNet(26),
  preresnet110: preResNet(110),
  preresnet164: preResNet(164),
  wrn28x10,
};

/** The model for images of this shape and this many classes; throws where they do not fit it. */
export function modelFor(name: ModelName, shape: ImageShape, classes: number): Model {
  const reason = misfit(name, shape);
  if (reason !== null) throw new Error(reason);
  return architectures[name](shape, classes);
}
