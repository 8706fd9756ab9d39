/** Some images of a data set, as a data set of their own. */
import type { LabelledImages } from '../../experiment/records/labelled-images.js';

/** In the order of the indices. */
export function selectImages(data: LabelledImages, indices: Int32Array): LabelledImages {
  const size = imageSize(data);
  const pixels = new Uint8Array(indices.length * size);
  indices.forEach((index, i) => pixels.set(imageAt(data, index), i * size));
  const labels = Uint8Array.from(indices, (index) => data.labels[index]!);
  return { count: indices.length, shape: data.shape, pixels, labels };
}

/** Bytes of one image. */
function imageSize({ shape: [height, width, channels] }: LabelledImages): number {
  return height * width * channels;
}

/** A view of its bytes. */
function imageAt(data: LabelledImages, index: number): Uint8Array {
  const size = imageSize(data);
  return data.pixels.subarray(index * size, (index + 1) * size);
}
