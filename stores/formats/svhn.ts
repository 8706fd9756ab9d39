/** Street View House Numbers, cropped digits (Netzer et al. 2011): X [height, width, channel, image], y [image]. */
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { FormatError } from './format-error.js';

/** An array whose first index runs fastest. */
interface Columns {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Throws when images and labels do not agree. The label 10 stands for the digit 0. */
export function svhnImages(x: Columns, y: Columns): LabelledImages {
  const [height, width, channels, count] = x.shape;
  if (x.shape.length !== 4 || !height || !width || !channels || !count) {
    throw new FormatError(
      `images of shape ${x.shape.join(' x ')}, not height x width x channel x image`,
    );
  }
  if (y.data.length !== count)
    throw new FormatError(`${count} images, but ${y.data.length} labels`);
  const pixels = new Uint8Array(x.data.length);
  let to = 0;
  for (let image = 0; image < count; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let channel = 0; channel < channels; channel++) {
          const from = row + height * (column + width * (channel + channels * image));
          pixels[to++] = x.data[from]!;
        }
      }
    }
  }
  return { count, shape: [height, width, channels], pixels, labels: y.data.map((d) => d % 10) };
}
