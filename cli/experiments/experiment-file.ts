/** Resolves a path or preset name to a plan. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { distance } from 'fastest-levenshtein';
import type { ExperimentConfig } from '../../experiment/experiment.js';
import { datasetNames } from '../../experiment/catalogue/datasets.js';
import type { ModelSpec } from '../../experiment/catalogue/models/index.js';
import type { DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import { model as modelSchema } from '../../experiment/config/model.js';
import {
  datasetFilesIn,
  parseExperimentWith,
  userFilesIn,
  type WrittenFiles,
} from '../../experiment/file/document.js';
import { withModel, type UserData } from '../../experiment/file/user-data.js';
import { UserError } from '../../experiment/errors.js';
import type { SourceText } from '../../experiment/file/extends.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';
import { shortened } from '../../experiment/reading/shorten.js';
import { repositoryRoot } from '../../settings/paths.js';
import { dataFolder } from '../../settings/settings.js';
import { readVariables } from '../../settings/variables.js';
import { keepContents, readOwnData, specOf } from '../../stores/datasets/own/add-own.js';
import { findOwn, listOwn } from '../../stores/datasets/own/own-store.js';
import { readText } from '../terminal/read-text.js';
import { readImports, type OnBlob } from './read-imports.js';
import { nameFromPath } from './name-from-path.js';
import { readModules } from './read-modules.js';
import { sha256 } from '../../stores/sha256.js';

const presetFolder = join(repositoryRoot, 'experiment/presets');

/** Where a user's data sets lie, and whether those that the file brings are to be kept there. */
export interface PlanOptions {
  readonly dataDir?: string;
  readonly keep?: boolean;
  /** Told the weights that endpoints import, and the modules of networks, for a run to store. */
  readonly onBlob?: OnBlob;
}

/** Throws a UserError that names the line of every mistake. */
export async function planFile(
  file: string,
  assignments: readonly string[],
  {
    dataDir = dataFolder(readVariables(process.env)),
    keep = false,
    onBlob = () => undefined,
  }: PlanOptions = {},
): Promise<Plan> {
  const { text, source } = readSource(file);
  const written = datasetFilesIn({ text, source }, assignments, readBase);
  const files = written && (await readOwnDataset(written, dataDir, keep));
  const named = (name: string) => findOwn(name, dataDir)?.dataset ?? null;
  const user = userFilesIn({ text, source }, assignments, readBase);
  const dataset = files ?? knownDataset(user.dataset, named);
  const modules = await readModules(user.modules, dataset, onBlob);
  const own: UserData = {
    ...{ named, files, modules, imports: new Map() },
    names: () => listOwn(dataDir).map(({ dataset }) => dataset.name),
  };
  const model = user.imports.length === 0 ? null : readModel(user.model, own);
  const imports = await readImports(user.imports, { model, dataset }, onBlob);
  const all = { ...own, imports };
  const config = parseExperimentWith(text, source, assignments, readBase, all);
  return planExperiment(config, sha256);
}

/** A data set of the catalogue or of the user; null: there is none of that name. */
function knownDataset(dataset: unknown, named: UserData['named']): DatasetSpec | null {
  if (typeof dataset !== 'string') return null;
  return datasetNames.find((name) => name === dataset) ?? named(dataset);
}

/** Null where it is wrong, which the check of the file will say. */
function readModel(written: unknown, own: UserData): ModelSpec | null {
  try {
    return modelSchema.parse(withModel({ model: written }, own)['model']);
  } catch {
    return null;
  }
}

/** From the folder of the file that names them. */
async function readOwnDataset(
  { files: { name, files, ...how }, source }: WrittenFiles,
  dataDir: string,
  keep: boolean,
): Promise<DatasetSpec> {
  const folder = source === null ? '.' : dirname(source);
  const paths = [files].flat().map((path) => (isAbsolute(path) ? path : join(folder, path)));
  const read = await readOwnData(name ?? nameFromPath(paths[0]!, 'data'), { ...how, files: paths });
  if (keep) await keepContents(read, dataDir);
  return specOf(read);
}

/** The plan of a stored configuration, under the rules of this version. */
export function replan(config: ExperimentConfig): Plan {
  return planExperiment(config, sha256);
}

/** By folder: `cifar10/evasion-path` is that preset with the data and constants of another. */
export function presetNames(): readonly string[] {
  return allNames().filter((name) => !name.startsWith(partsOnly));
}

/** Files that others extend, no experiments by themselves. */
const partsOnly = 'on/';

function allNames(): readonly string[] {
  return readdirSync(presetFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length).split(sep).join('/'))
    .sort();
}

/** A preset by its name; a file by its path, as the extending one would write it from its own folder. */
function readBase(name: string, from: string): SourceText {
  const isPath = /[/\\]|\.ya?ml$/.test(name) && !allNames().includes(name);
  if (!isPath || isAbsolute(name)) return readSource(name);
  return readSource(join(from.startsWith('preset ') ? presetFolder : dirname(from), name));
}

function readSource(file: string): SourceText {
  const path = locate(file);
  return { text: readText(path), source: path === file ? file : `preset ${file}` };
}

function locate(file: string): string {
  if (existsSync(file)) return file;
  const known = allNames();
  if (known.includes(file)) return join(presetFolder, `${file}.yaml`);
  const presets = presetNames();
  const near = presets.find((name) => distance(name, file) <= 3);
  const told = near ? `did you mean ${near}?` : `presets: ${presets.join(', ')}`;
  const what = 'no such file, and no preset of that name';
  throw new UserError('bad-input', `${shortened(file)}: ${what} (${told})`);
}
