/** `data show`: draws a grid of images with their labels, and on request with a trigger or an attack. */
import { readFileSync } from 'node:fs';
import { datasets } from '../../../experiment/catalogue/datasets.js';
import {
  triggerMisfit,
  triggerPlaces,
  type TriggerName,
} from '../../../experiment/catalogue/triggers.js';
import { UserError } from '../../../experiment/errors.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { dataFolder } from '../../../settings/settings.js';
import { readVariables } from '../../../settings/variables.js';
import { about } from '../../../stores/datasets/own/refuse.js';
import { findOwn, listOwn, readOwn } from '../../../stores/datasets/own/own-store.js';
import { isStored } from '../../../stores/datasets/dataset-files.js';
import { readDataset } from '../../../stores/datasets/read-dataset.js';
import { decodeSafetensors } from '../../../stores/formats/safetensors.js';
import { encodePng } from '../../../stores/formats/png.js';
import type { Image } from '../../pictures/canvas.js';
import { drawGrid, type GridRow } from '../../pictures/grid.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';
import { tryOutput, writeWholeFile } from '../../terminal/write-file.js';
import { knownDataset } from './known-dataset.js';

export interface DataShowOptions extends CommonOptions {
  readonly output?: string;
  readonly split: 'train' | 'test';
  readonly count: number;
  readonly backdoor?: TriggerName;
  readonly attacked?: string;
}

interface Shown {
  readonly name: string;
  readonly images: LabelledImages;
  readonly classNames: readonly string[];
}

export async function dataShow(
  context: Context,
  name: string,
  options: DataShowOptions,
): Promise<ExitCode> {
  const { split, count, output = `${name}.png` } = options;
  if (!output.endsWith('.png')) {
    throw new UserError('usage', `-o ${output}: the grid is a PNG; name a file that ends in .png`);
  }
  tryOutput(output);
  const { images, classNames } = await readShown(name, split, context);
  const shown = Math.min(count, images.count);
  const clean = Array.from({ length: shown }, (_, i) => imageAt(images, i));
  const rows: GridRow[] = [
    { name: split, images: clean },
    ...(options.backdoor ? [triggeredRow(name, clean, options.backdoor)] : []),
    ...(options.attacked ? [await attackedRow(options.attacked, clean)] : []),
  ];
  const labels = Array.from(images.labels.subarray(0, shown), (label) => classNames[label]!);
  writeWholeFile(output, encodePng(drawGrid(rows, labels)));
  if (context.json) printJson(context, { dataset: name, split, images: shown, output });
  else context.print(output);
  context.next(`run FILE --set dataset=${name}`);
  return exitCodes.ok;
}

async function readShown(name: string, split: 'train' | 'test', { env }: Context): Promise<Shown> {
  const dataDir = dataFolder(readVariables(env));
  const own = findOwn(name, dataDir);
  if (own !== null) {
    const contents = await readOwn(own.dataset, dataDir);
    return { name, images: contents[split], classNames: own.classNames };
  }
  const others = listOwn(dataDir).map(({ dataset }) => dataset.name);
  const description = datasets[knownDataset(name, others)];
  if (description.source === 'generated' && !isStored(description, dataDir)) {
    throw new UserError('bad-input', `${name} is generated at its first use, and is not here yet`, {
      hint: `./isthmus run FILE --set dataset=${name}`,
    });
  }
  const splits = await readDataset(description, dataDir);
  return { name, images: splits[split], classNames: description.classNames };
}

function imageAt({ shape, pixels }: LabelledImages, index: number): Image {
  const size = shape.reduce((product, side) => product * side, 1);
  return { shape, pixels: pixels.subarray(index * size, (index + 1) * size) };
}

function triggeredRow(dataset: string, clean: readonly Image[], name: TriggerName): GridRow {
  const misfit = triggerMisfit(name, clean[0]!.shape);
  if (misfit !== null) throw new UserError('usage', `--backdoor: ${misfit} as ${dataset} has them`);
  const images = clean.map(({ shape, pixels }) => {
    const triggered = Uint8Array.from(pixels);
    for (const place of triggerPlaces(name, shape)) triggered[place] = 255;
    return { shape, pixels: triggered };
  });
  return { name, images };
}

/** The artifact of an attack that keeps its images: `adversarial` [images, height, width, channels] in [0,1]. */
async function attackedRow(path: string, clean: readonly Image[]): Promise<GridRow> {
  const { tensors } = await about(path, () => decodeSafetensors(readFileSync(path)));
  const tensor = tensors.get('adversarial');
  const { shape } = clean[0]!;
  const [count = 0, ...sides] = tensor?.shape ?? [];
  if (tensor?.dtype !== 'F32' || sides.join() !== shape.join()) {
    const what = `${path}: holds no adversarial examples of ${shape.join(' x ')}`;
    throw new UserError('bad-input', what, {
      hint: './isthmus artifact ID attack/CURVE/NAME adversarial@T -o FILE, of an attack with keepImages',
    });
  }
  if (count < clean.length) {
    throw new UserError('usage', `${path} has ${count} images; --count ${count} shows them`);
  }
  const size = shape.reduce((product, side) => product * side, 1);
  const images = clean.map((_, i) => ({
    shape,
    pixels: Uint8Array.from(tensor.data.subarray(i * size, (i + 1) * size), (x) =>
      Math.round(255 * x),
    ),
  }));
  return { name: 'attacked', images };
}
