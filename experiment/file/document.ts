/** YAML text to a configuration; every mistake named with its line, its path and the nearest name. */
import { isMap, isScalar, isSeq, type Document } from 'yaml';
import { assignmentMistake, blame, type Assignment } from './blame-set.js';
import type { ExperimentConfig } from '../experiment.js';
import { splitDottedPath } from '../dotted-path.js';
import { UserError } from '../errors.js';
import { readWritten, type ReadBase, type SourceText, type Written } from './extends.js';
import { isDatasetFiles, isModulePath, noUserData, type UserData } from './user-data.js';
import { readDocument, type Reading } from './read-sweeps.js';
import type { Told } from '../reading/first-mistakes.js';
import { describeIssue } from '../reading/mistakes.js';
import { readValue } from '../reading/set-value.js';
import { isFields } from '../sweep/paths.js';
import { datasetFilesSchema, type DatasetFilesConfig } from '../config/dataset.js';
import { weightLayouts, type WeightLayout } from '../config/imported.js';
import { shortened } from '../reading/shorten.js';

type Path = readonly PropertyKey[];

/** Throws a `bad-input` UserError whose message has one line per mistake. */
export function parseExperiment(text: string, source: string): ExperimentConfig {
  return parseExperimentWith(text, source, []);
}

/** The same after `--set path=value` assignments; values are YAML scalars, lists or maps, and null takes a field away. */
export function parseExperimentWith(
  text: string,
  source: string,
  assignments: readonly string[],
  readBase: ReadBase = nothingToExtend,
  own: UserData = noUserData,
): ExperimentConfig {
  const written = readWritten({ text, source }, readBase);
  const set = assignments.map((assignment) => assign(written.document, assignment));
  // Only a mistake asks for it: without the last assignments, was all well?
  const readAfter = (count: number): Reading => {
    const { document } = readWritten({ text, source }, readBase);
    for (const assignment of assignments.slice(0, count)) assign(document, assignment);
    return readDocument(document.toJS(), own);
  };
  const reading = readDocument(written.document.toJS(), own);
  return reading.ok ? reading.config : refuse(reading, written, source, blame(set, readAfter));
}

export interface WrittenFiles {
  readonly files: DatasetFilesConfig;
  /** The file that names them, from whose folder their paths go; null: the command line. */
  readonly source: string | null;
}

/** The user's files that the experiment names as its data set; null: it names none. */
export function datasetFilesIn(
  { text, source }: SourceText,
  assignments: readonly string[],
  readBase: ReadBase,
): WrittenFiles | null {
  const written = readWritten({ text, source }, readBase);
  for (const assignment of assignments) assign(written.document, assignment);
  const block = plainDataset(written.document);
  if (!isDatasetFiles(block)) return null;
  const result = datasetFilesSchema.safeParse(block, { reportInput: true });
  const key = keyAt(written.document, ['dataset', 'files']);
  if (result.success) return { files: result.data, source: written.sourceOf(key) };
  const [issue] = result.error.issues;
  const at = ['dataset', ...issue!.path];
  const [mistake] = describeIssue(issue!, datasetFilesSchema, at);
  const where = position(written, at) ?? source;
  throw new UserError('bad-input', `${where}: ${mistake!.what}`);
}

/** A file of weights that an endpoint imports. */
export interface WrittenImport {
  readonly endpoint: string;
  readonly file: string;
  readonly layout: WeightLayout;
  /** The file that names it, from whose folder its path goes; null: the command line. */
  readonly source: string | null;
}

/** Files of a user that an experiment names, and its network and data set as written. */
export interface WrittenUserFiles {
  /** Weights that endpoints import. */
  readonly imports: readonly WrittenImport[];
  /** Modules of networks, those that a sweep lists included. */
  readonly modules: readonly WrittenModule[];
  readonly model: unknown;
  readonly dataset: unknown;
}

export interface WrittenModule {
  /** As it is written. */
  readonly path: string;
  /** The file that names it, from whose folder the path goes; null: the command line. */
  readonly source: string | null;
}

export function userFilesIn(
  { text, source }: SourceText,
  assignments: readonly string[],
  readBase: ReadBase,
): WrittenUserFiles {
  const written = readWritten({ text, source }, readBase);
  for (const assignment of assignments) assign(written.document, assignment);
  const all: unknown = written.document.toJS();
  const { endpoints, model, dataset, sweep } = isFields(all) ? all : {};
  const entries = Object.entries(isFields(endpoints) ? endpoints : {});
  const imports = entries.flatMap(([endpoint, entry]) => {
    if (!isFields(entry) || typeof entry['import'] !== 'string') return [];
    const at = ['endpoints', endpoint];
    const layout = weightLayouts.find((one) => one === entry['layout']);
    if (layout === undefined) {
      const where = position(written, [...at, 'layout']) ?? source;
      const what = `endpoints.${endpoint}.layout: say ${weightLayouts.join(' or ')}`;
      throw new UserError('bad-input', `${where}: ${what}`);
    }
    const from = written.sourceOf(keyAt(written.document, [...at, 'import']));
    return [{ endpoint, file: entry['import'], layout, source: from }];
  });
  const named = (section: string) => written.sourceOf(keyAt(written.document, [section]));
  const modules = [
    ...modulePaths(model).map((path) => ({ path, source: named('model') })),
    ...sweptModels(sweep).map((path) => ({ path, source: named('sweep') })),
  ];
  return { imports, modules, model, dataset };
}

/** Among one value, or several of an axis. */
function modulePaths(model: unknown): readonly string[] {
  return [model].flat().filter(isModulePath);
}

/** Wherever a sweep lists values of `model`. */
function sweptModels(sweep: unknown): readonly string[] {
  if (Array.isArray(sweep)) return sweep.flatMap(sweptModels);
  if (!isFields(sweep)) return [];
  return Object.entries(sweep).flatMap(([key, inner]) =>
    key === 'model' ? modulePaths(inner) : sweptModels(inner),
  );
}

function plainDataset(document: Document): unknown {
  const all: unknown = document.toJS();
  return isFields(all) ? all['dataset'] : undefined;
}

function nothingToExtend(name: string, from: string): never {
  throw new UserError('bad-input', `${from}: extends: ${name} cannot be read from here`);
}

function assign(document: Document, assignment: string): Assignment {
  const equals = assignment.indexOf('=');
  if (equals < 1) {
    throw new UserError(
      'usage',
      `--set ${shortened(assignment)}: write path=value, such as model=cnn-small`,
    );
  }
  const path = splitDottedPath(assignment.slice(0, equals), (at, name) =>
    hasName(document, at, name),
  );
  const value = readValue(assignment, equals + 1);
  for (let depth = 1; depth < path.length; depth++) {
    const parent = path.slice(0, depth);
    if (!document.hasIn(parent) || isMap(document.getIn(parent))) continue;
    throw new UserError(
      'bad-input',
      `--set ${shortened(assignment)}: ${shortened(parent.join('.'))} has no fields`,
    );
  }
  const takesAway = isScalar(value) && value.value === null;
  if (!takesAway) document.setIn(path, value);
  else if (document.hasIn(path)) document.deleteIn(path);
  return { text: assignment, path };
}

/** A few lines of a terminal. */
const longestMessage = 1200;

function hasName(document: Document, at: Path, name: string): boolean {
  const map = at.length > 0 ? document.getIn(at) : document.contents;
  return isMap(map) && map.items.some(({ key }) => String(key) === name);
}

function refuse(
  { mistakes, more }: Told,
  written: Written,
  source: string,
  blamed: ReturnType<typeof blame>,
): never {
  const messages = mistakes.map((mistake) => {
    const assignment = blamed(mistake);
    const message = assignment
      ? assignmentMistake(assignment, mistake.what)
      : `${position(written, mistake.path) ?? source}: ${mistake.what}`;
    return shortened(message, longestMessage);
  });
  if (more > 0) messages.push(`${source}: and ${more} more`);
  throw new UserError('bad-input', messages.join('\n'));
}

/** Position of the innermost key on the path that is written; values of `--set` have none. */
function position({ document, placeOf }: Written, path: Path): string | null {
  for (let depth = path.length; depth > 0; depth--) {
    const place = placeOf(keyAt(document, path.slice(0, depth)));
    if (place !== null) return place;
  }
  return null;
}

function keyAt(document: Document, path: Path): unknown {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1)) : document.contents;
  if (isSeq(parent)) return parent.items[Number(path.at(-1))];
  if (!isMap(parent)) return null;
  return parent.items.find((item) => String(item.key) === String(path.at(-1)))?.key;
}
