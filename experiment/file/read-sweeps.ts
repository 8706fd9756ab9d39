/** A document as plain data to a configuration: sweeps are expanded first, then every case is checked. */
import type { z } from 'zod';
import { experimentSchema, type ExperimentConfig } from '../experiment.js';
import { defaultPath, defaultsSchema, withDefaults } from './defaults.js';
import { withDataset, withImports, withModel, type UserData } from './user-data.js';
import { dotted, describeIssue } from '../reading/mistakes.js';
import { firstMistakes, type Told } from '../reading/first-mistakes.js';
import { unfitText } from '../reading/unfit-text.js';
import {
  expandSweeps,
  type AxisSize,
  type Expansion,
  type PlainDocument,
} from '../sweep/expand.js';
import { SweepMistake } from '../sweep/mistake.js';
import { changes, isFields, type Fields, type Path } from '../sweep/paths.js';
import { labelText } from '../sweep/labels.js';
import { rowLabel, nameAxis, type Row } from '../sweep/rows.js';
import { curveSweepSchema, sweepSchema } from '../sweep/schema.js';
import type { SweptCase } from '../sweep/swept-case.js';

export type Reading =
  { readonly ok: true; readonly config: ExperimentConfig } | ({ readonly ok: false } & Told);

export function readDocument(document: unknown, own: UserData): Reading {
  const unfit = unfitText(document);
  if (unfit !== null) return { ok: false, mistakes: [unfit], more: 0 };
  try {
    const expansion = isFields(document) ? expandSweeps(document, checks) : null;
    return expansion === null ? readPlain(document, own) : readExpansion(expansion, own);
  } catch (error) {
    if (!(error instanceof SweepMistake)) throw error;
    const { path, message } = error;
    return { ok: false, mistakes: [{ path, what: `${dotted(path)}: ${message}` }], more: 0 };
  }
}

function readPlain(document: unknown, own: UserData): Reading {
  const result = parse(document, own);
  if (result.success) return { ok: true, config: result.data };
  const place = (field: Path) => ({ field, at: defaultPath(document, field) });
  return { ok: false, ...firstMistakes(result.error.issues, experimentSchema, place) };
}

function parse(document: unknown, own: UserData) {
  const whole = isFields(document) ? withUserData(filled(document), own) : document;
  return experimentSchema.safeParse(whole, { reportInput: true });
}

function withUserData(document: Fields, own: UserData): Fields {
  return withImports(withModel(withDataset(document, own), own), own);
}

function filled({ defaults, ...document }: Fields): Fields {
  if (defaults === undefined) return document;
  return withDefaults(document, checked(defaultsSchema, defaults, ['defaults']));
}

function readExpansion({ documents, axes, labels }: Expansion, own: UserData): Reading {
  const cases: SweptCase[] = [];
  let first: ExperimentConfig | undefined;
  // By label, so that of several names for one run the first is the same in any order of the file.
  const sorted = documents
    .map((plain) => [rowLabel(plain.row), plain] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, plain] of sorted) {
    const result = parse(plain.document, own);
    if (!result.success) return { ok: false, ...caseMistakes(result.error, plain) };
    first ??= result.data;
    cases.push({ ...axesOfCase(plain.row), set: changes(first, result.data) });
  }
  return { ok: true, config: { ...first!, sweep: sweepRecord(axes, cases, labels) } };
}

function sweepRecord(
  axes: readonly AxisSize[],
  cases: readonly SweptCase[],
  labels: Expansion['labels'],
) {
  const whole = cases.some(({ at }) => Object.keys(at).length > 0);
  return {
    axes,
    ...(whole ? { cases } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
}

function axesOfCase(row: Row): Pick<SweptCase, 'at' | 'named' | 'as'> {
  const cells = [...row].filter(([axis]) => axis !== nameAxis);
  const name = row.get(nameAxis);
  return {
    at: Object.fromEntries(cells.map(([axis, { value }]) => [axis, labelText(value)])),
    named: cells.filter(([, { named }]) => named).map(([axis]) => axis),
    as: name ? labelText(name.value) : null,
  };
}

function caseMistakes({ issues }: z.ZodError, { origin, document }: PlainDocument): Told {
  return firstMistakes(issues, experimentSchema, (path) => {
    const { at, field } = origin(path);
    const written = defaultPath(document, path);
    return { field, at: written === path ? at : written };
  });
}

const checks = {
  sweep: (block: unknown, at: Path) => checked(sweepSchema, block, at),
  curveSweep: (block: unknown, at: Path) => checked(curveSweepSchema, block, at),
};

/** The first mistake is enough: what a sweep would make is not known. */
function checked<T extends z.ZodType>(schema: T, block: unknown, at: Path): z.output<T> {
  const result = schema.safeParse(block, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const [first] = describeIssue(issue!, schema, [...at, ...issue!.path]);
  throw new SweepMistake([...at, ...first!.path], withoutPath(first!.what));
}

/** The mistake adds the path. */
function withoutPath(what: string): string {
  return what.replace(/^[^ ]*: /, '');
}
