/** Facts of a data set in a few words. */
import type { DatasetFacts } from '../../../experiment/catalogue/datasets.js';

/** `800 + 200 of 28 x 28, grey, 10 classes`. */
export function datasetText({
  train,
  test,
  shape,
  classes,
}: Omit<DatasetFacts, 'name' | 'trainPerClass'>): string {
  const counts = `${train.toLocaleString('en')} + ${test.toLocaleString('en')}`;
  return `${counts} of ${shapeText(shape)}, ${classes} classes`;
}

/** `28 x 28, grey`. */
function shapeText([height, width, channels]: DatasetFacts['shape']): string {
  const colours = new Map([
    [1, 'grey'],
    [3, 'colour'],
  ]);
  return `${height} x ${width}, ${colours.get(channels) ?? `${channels} channels`}`;
}
