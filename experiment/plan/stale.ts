/** Why a stored result no longer counts for the planned run of the same name. */
import { datasets } from '../catalogue/datasets.js';
import { isModule, isOwnModel, type OwnModel } from '../catalogue/models/own-model.js';
import { isOwnDataset } from '../catalogue/own-dataset.js';
import { canonical } from '../canonical.js';
import { hasOwn } from '../own.js';
import { digest } from '../sweep/digest.js';
import { runKey, type Sha256 } from './keys.js';
import { kinds, type RunSpec } from '../kinds/index.js';
import type { Need, PlannedRun, RunKey } from '../records/runs.js';

/** A run with a result, under the name that an experiment gave it. */
export interface FormerRun {
  readonly key: RunKey;
  readonly name: string;
  readonly spec: RunSpec;
  /** Semantic version that it was planned under; null where that was not written down yet. */
  readonly version: number | null;
  readonly needs: readonly FormerNeed[];
}

interface FormerNeed extends Need {
  /** As the same experiment calls it; null where it no longer does. */
  readonly name: string | null;
}

interface Parent {
  readonly name: string;
  readonly stale: boolean;
}

/** By the key under which it is planned now. */
export type ParentOf = (key: RunKey) => Parent | undefined;

/** Differences in what a key covers; never empty where the keys differ. */
export function whyStale(
  now: PlannedRun,
  former: FormerRun,
  parentOf: ParentOf,
  sha256: Sha256,
): string {
  const reasons = [
    ...versionChange(now, former),
    ...specChanges(now.spec, former.spec),
    ...needChanges(now, former, parentOf),
    ...datasetChange(now, former, sha256),
  ];
  return reasons.length > 0 ? shortList(reasons, '; ') : 'planned by other rules';
}

function versionChange({ spec }: PlannedRun, { version }: FormerRun): string[] {
  const now = kinds[spec.kind].version;
  return version === now ? [] : [`semantic version ${version ?? 'not recorded'}, now ${now}`];
}

function specChanges(now: RunSpec, former: RunSpec): string[] {
  const [before, after] = [flattenFields(former), flattenFields(now)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const changes = paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${path} ${before.get(path) ?? 'absent'} → ${after.get(path) ?? 'absent'}`);
  return changes.length > 0 ? [`spec: ${shortList(changes, ', ')}`] : [];
}

/** By path, in words: a list by its length as well, since most are grids of points. */
function flattenFields(spec: unknown, path = ''): Map<string, string> {
  if (Array.isArray(spec)) return new Map([[path, listText(spec)]]);
  if (typeof spec !== 'object' || spec === null) return new Map([[path, String(spec)]]);
  // Its name decides nothing.
  if (isOwnDataset(spec)) return new Map([[path, `sha256 ${spec.digest.slice(0, 12)}`]]);
  if (isOwnModel(spec)) return new Map([[path, modelText(spec)]]);
  const all = new Map<string, string>();
  for (const [field, value] of Object.entries(spec)) {
    // A recipe is what people know as the fields of an endpoint or a curve.
    const inside = field === 'recipe' ? path : path === '' ? field : `${path}.${field}`;
    for (const [at, text] of flattenFields(value, inside)) all.set(at, text);
  }
  return all;
}

function modelText(model: OwnModel): string {
  if (isModule(model)) return `sha256 ${model.module.digest.slice(0, 12)}`;
  return `layers ${digest(canonical(model.architecture))}`;
}

function listText(list: readonly unknown[]): string {
  const text = list.join(' ');
  return text.length > 24 ? `${list.length} values (${text.slice(0, 16)}…${text.slice(-6)})` : text;
}

function needChanges(now: PlannedRun, former: FormerRun, parentOf: ParentOf): string[] {
  const before = new Map(former.needs.map((need) => [need.role, need]));
  const after = new Map(now.needs.map((need) => [need.role, need]));
  const [stale, other, replaced]: [string[], string[], string[]] = [[], [], []];
  for (const { role, run } of now.needs) {
    const [was, is] = [before.get(role), parentOf(run)];
    if (was?.run === run) continue;
    const name = is?.name ?? role;
    if (was === undefined) replaced.push(`also needs ${name}`);
    else if (was.name !== null && was.name !== name) {
      replaced.push(`needs ${name} instead of ${was.name}`);
    } else (is?.stale ? stale : other).push(name);
  }
  const gone = former.needs.filter(({ role }) => !after.has(role));
  return [
    ...needing(stale, 'stale'),
    ...needing(other, 'another now'),
    ...replaced,
    ...gone.map(({ role, name }) => `no longer needs ${name ?? role}`),
  ];
}

function needing(names: readonly string[], what: string): string[] {
  if (names.length === 0) return [];
  return [`needs ${shortList(names, ', ')}, which ${names.length === 1 ? 'is' : 'are'} ${what}`];
}

/** The key itself says whether the files were others: with those of now, all else as it was, it comes out otherwise. */
function datasetChange(now: PlannedRun, former: FormerRun, sha256: Sha256): string[] {
  const { spec, needs, version, key } = former;
  if (!('dataset' in spec) || !('dataset' in now.spec) || version === null) return [];
  const { dataset } = spec;
  if (typeof dataset !== 'string' || dataset !== now.spec.dataset) return [];
  if (!hasOwn(datasets, dataset)) return [];
  const plain = needs.map(({ role, run }) => ({ role, run }));
  const same = runKey(spec, plain, version, sha256) === key;
  return same ? [] : [`data set ${dataset}: other files`];
}

const mostTold = 3;

function shortList(texts: readonly string[], separator: string): string {
  const more = texts.length - mostTold;
  const told = texts.slice(0, mostTold).join(separator);
  return more > 0 ? `${told} and ${more} more` : told;
}
