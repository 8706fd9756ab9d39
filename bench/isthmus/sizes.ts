/** Sizes of what is measured; nothing here loads TensorFlow. */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { TimedModel } from '../request.js';

/** Images of one batch, and those that a product or an eigenvalue is of. */
export const batchSize = 128;
export const classes = 10;

/** Ten batches: what a forward pass is measured over and a curve's loss compared on. */
export const storedImages = 10 * batchSize;

/** Shapes of the images that each model is measured on. */
export const imageShapes: Readonly<Record<TimedModel, ImageShape>> = {
  'cnn-small': [28, 28, 1],
  nemon: [28, 28, 1],
  vgg16: [32, 32, 3],
  preresnet26: [32, 32, 3],
};
