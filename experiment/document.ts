/** YAML text to a configuration; every mistake named with its line, its path and the nearest name. */
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import type { ExperimentConfig } from './config.js';
import { UserError } from './errors.js';
import { readDocument } from './read-sweeps.js';

type Path = readonly PropertyKey[];

/** Throws a `bad-input` UserError whose message has one line per mistake. */
export function parseExperiment(text: string, source: string): ExperimentConfig {
  return validate(...parseYaml(text, source));
}

/** The same after `--set path=value` assignments; values are YAML scalars, lists or maps. */
export function parseExperimentWith(
  text: string,
  source: string,
  assignments: readonly string[],
): ExperimentConfig {
  const [document, lines] = parseYaml(text, source);
  for (const assignment of assignments) assign(document, assignment);
  return validate(document, lines, source);
}

function parseYaml(text: string, source: string): [Document, LineCounter, string] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [first] = document.errors;
  if (first) {
    const { line, col } = lines.linePos(first.pos[0]);
    const what = first.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
    throw new UserError('bad-input', `${source}:${line}:${col}: ${what}`, { cause: first });
  }
  return [document, lines, source];
}

function assign(document: Document, assignment: string): void {
  const equals = assignment.indexOf('=');
  if (equals < 1) {
    throw new UserError('usage', `--set ${assignment}: write path=value, such as model=cnn-small`);
  }
  const path = assignment.slice(0, equals).split('.');
  const value = parseDocument(assignment.slice(equals + 1));
  if (value.errors.length > 0) {
    throw new UserError('usage', `--set ${assignment}: the value is not valid YAML`);
  }
  const parent = path.slice(0, -1);
  if (parent.length > 0 && document.hasIn(parent) && !isMap(document.getIn(parent))) {
    throw new UserError('bad-input', `--set ${assignment}: ${parent.join('.')} has no fields`);
  }
  document.setIn(path, value.contents);
}

function validate(document: Document, lines: LineCounter, source: string): ExperimentConfig {
  const reading = readDocument(document.toJS());
  if (reading.ok) return reading.config;
  const messages = reading.mistakes.map(
    ({ path, what }) => `${position(document, lines, source, path)}: ${what}`,
  );
  throw new UserError('bad-input', messages.join('\n'));
}

function position(document: Document, lines: LineCounter, source: string, path: Path): string {
  for (let depth = path.length; depth > 0; depth--) {
    const offset = keyOffset(document, path.slice(0, depth));
    if (offset === null) continue;
    const { line, col } = lines.linePos(offset);
    return `${source}:${line}:${col}`;
  }
  return source;
}

/** Where the key itself stands; values of `--set` have no place in the file. */
function keyOffset(document: Document, path: Path): number | null {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1)) : document.contents;
  if (!isMap(parent)) return null;
  const pair = parent.items.find((item) => String(item.key) === String(path.at(-1)));
  const range = (pair?.key as { range?: readonly number[] } | null | undefined)?.range;
  return range?.[0] ?? null;
}
