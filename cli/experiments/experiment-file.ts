/** Resolves a path or preset name to a plan. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { distance } from 'fastest-levenshtein';
import type { ExperimentConfig } from '../../experiment/config/experiment.js';
import { parseExperimentWith } from '../../experiment/file/document.js';
import { UserError } from '../../experiment/errors.js';
import type { SourceText } from '../../experiment/file/extends.js';
import { planExperiment, type Plan } from '../../experiment/plan/plan.js';
import { shortened } from '../../experiment/reading/shorten.js';
import { repositoryRoot } from '../../settings/paths.js';
import { readText } from '../terminal/read-text.js';
import { sha256 } from '../../stores/sha256.js';

const presetFolder = join(repositoryRoot, 'experiment/presets');

/** Throws a UserError that names the line of every mistake. */
export function planFile(file: string, assignments: readonly string[]): Plan {
  const { text, source } = readSource(file);
  return planExperiment(parseExperimentWith(text, source, assignments, readBase), sha256);
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
