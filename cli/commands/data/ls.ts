/** `data ls`: the data sets that can be used, and what of them is here. */
import { relative, sep } from 'node:path';
import { datasets, type DatasetDescription } from '../../../experiment/catalogue/datasets.js';
import { dataFolder } from '../../../settings/settings.js';
import { readVariables } from '../../../settings/variables.js';
import { locateDataset, sizeOnDisk } from '../../../stores/datasets/dataset-files.js';
import { contentsPath, listOwn, unnamedContents } from '../../../stores/datasets/own/own-store.js';
import { fileSize } from '../../../stores/datasets/file-size.js';
import { printJson, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';
import { cutEnd, fitRows } from '../../terminal/fit-table.js';
import { textTable } from '../../terminal/tables.js';
import { datasetText } from './dataset-text.js';

interface Listed {
  readonly name: string;
  readonly images: string;
  /** Bytes of its files; null: they are not here. */
  readonly bytes: number | null;
  /** sha256 of the contents; null: known by its files alone. */
  readonly digest: string | null;
  /** The licence, or where a user has it from. */
  readonly licence: string;
  /** Its folder or file, whether it is there or not. */
  readonly path: string;
  /** How to get it, where it is not here; null: it is. */
  readonly missing: string | null;
}

export function dataLs(context: Context): ExitCode {
  const dataDir = dataFolder(readVariables(context.env));
  const listed = [
    ...Object.values(datasets).map((description) => listKnown(description, dataDir)),
    ...listOwnData(dataDir),
  ];
  if (context.json) printJson(context, { folder: dataDir, datasets: listed });
  else context.print(`${dataDir}\n\n${listText(listed, dataDir, context.width)}`);
  context.next('data add NAME FILES --format FORMAT', 'data show NAME -o grid.png');
  return exitCodes.ok;
}

function listKnown(description: DatasetDescription, dataDir: string): Listed {
  const { name, contents, licence, source } = description;
  const bytes = sizeOnDisk(description, dataDir);
  const how = source === 'generated' ? 'made at its first use' : `data fetch ${name}`;
  const path = locateDataset(description, dataDir).folder;
  const missing = bytes === null ? how : null;
  return {
    name,
    images: datasetText(description),
    bytes,
    digest: contents,
    licence,
    path,
    missing,
  };
}

function listOwnData(dataDir: string): readonly Listed[] {
  const named = listOwn(dataDir).map(({ dataset, source }) => {
    const path = contentsPath(dataset, dataDir);
    const bytes = fileSize(path);
    return {
      ...{ name: dataset.name, images: datasetText(dataset), bytes, digest: dataset.digest },
      ...{ licence: `${source.format}: ${source.files.join(', ')}` },
      ...{ path, missing: bytes === null ? `data add ${dataset.name}` : null },
    };
  });
  const unnamed = unnamedContents(dataDir).map((dataset) => ({
    ...{ name: '-', images: datasetText(dataset), bytes: fileSize(contentsPath(dataset, dataDir)) },
    ...{ digest: dataset.digest, licence: 'files of an experiment' },
    ...{ path: contentsPath(dataset, dataDir), missing: null },
  }));
  return [...named, ...unnamed];
}

function listText(listed: readonly Listed[], dataDir: string, width: number): string {
  const head = ['name', 'images', 'size', 'sha256', 'licence or source', 'where'];
  const rows = listed.map(({ name, images, bytes, digest, licence, ...place }) => [
    name,
    images,
    bytes === null ? '-' : `${(bytes / 1e6).toFixed(1)} MB`,
    digest?.slice(0, 12) ?? 'by its files',
    licence,
    whereText(place, dataDir),
  ]);
  const fitted = fitRows(head, rows, width, [{ column: 4, least: 12, shorten: cutEnd }]);
  return textTable(head, fitted, (column) => column === 2);
}

/** From the data folder; of the installation are files outside it. */
function whereText({ path, missing }: Pick<Listed, 'path' | 'missing'>, dataDir: string): string {
  if (missing !== null) return missing;
  const [first = ''] = relative(dataDir, path).split(sep);
  return first === '..' ? 'installation' : `${first || '.'}/`;
}
