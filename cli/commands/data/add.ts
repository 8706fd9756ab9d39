/** `data add`: reads a user's files, checks them, and keeps them under a name. */
import { datasetNames } from '../../../experiment/catalogue/datasets.js';
import type { FileFormat } from '../../../experiment/config/dataset.js';
import { name as nameSchema } from '../../../experiment/config/fields.js';
import { UserError } from '../../../experiment/errors.js';
import { dataFolder } from '../../../settings/settings.js';
import { readVariables } from '../../../settings/variables.js';
import { addOwn, readOwnData, type ReadOwn } from '../../../stores/datasets/own/add-own.js';
import type { OwnSource } from '../../../stores/datasets/own/read-own-files.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';
import { datasetText } from './dataset-text.js';

export interface DataAddOptions extends CommonOptions {
  readonly format: FileFormat;
  readonly classes?: readonly string[];
  readonly testShare?: number;
  readonly seed?: number;
}

export async function dataAdd(
  context: Context,
  name: string,
  files: readonly string[],
  options: DataAddOptions,
): Promise<ExitCode> {
  checkName(name);
  const source: OwnSource = { files, format: options.format, ...classesAndSplit(options) };
  const read = await readOwnData(name, source);
  for (const note of read.notes) context.say(note);
  await addOwn(read, source, dataFolder(readVariables(context.env)));
  const { dataset, known, classNames, heldOut } = read;
  const used = known?.name ?? name;
  if (known !== null) {
    context.say(`these are the images and labels of ${used}: kept as that, whatever they came in`);
  }
  if (context.json) printJson(context, { ...dataset, name: used, classNames, heldOut });
  else context.print(summary(used, read));
  context.next(`data show ${used} -o grid.png`, `run FILE --set dataset=${used}`);
  return exitCodes.ok;
}

function checkName(name: string): void {
  const { error } = nameSchema.safeParse(name);
  if (error) throw new UserError('usage', `${name}: ${error.issues[0]!.message}`);
  if (!datasetNames.some((one) => one === name)) return;
  throw new UserError('usage', `${name} is a data set of the catalogue; give yours another name`);
}

function classesAndSplit({
  classes,
  testShare,
  seed,
}: DataAddOptions): Pick<OwnSource, 'classes' | 'split'> {
  const asked = testShare !== undefined || seed !== undefined;
  return {
    ...(classes === undefined ? {} : { classes: [...classes] }),
    ...(asked ? { split: { test: testShare ?? 0.2, seed: seed ?? 1 } } : {}),
  };
}

function summary(name: string, { dataset, heldOut }: ReadOwn): string {
  const held = heldOut ? ` (held out: ${heldOut.test} of each class, seed ${heldOut.seed})` : '';
  return `${name}: images ${datasetText(dataset)}${held}\nsha256 of its contents: ${dataset.digest}`;
}
