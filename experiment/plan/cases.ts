/** Cases of an experiment that is swept as a whole, and the names that each gives its runs. */
import type { ExperimentConfig, SweepRecord } from '../experiment.js';
import { splitDottedPath, type HasName } from '../dotted-path.js';
import type { Axis } from '../kinds/kind.js';
import {
  appendLabel,
  parseRunName,
  runName,
  sourceName,
  splitLabel,
  type RunName,
} from '../specs/run-name.js';
import { isChangedBy } from './changes.js';
import { shortenLabel } from '../sweep/labels.js';
import { setIn } from '../sweep/paths.js';
import type { SweptCase } from '../sweep/swept-case.js';

export interface Case {
  readonly config: ExperimentConfig;
  /** A run is labelled with those axes alone that can change it: `endpoint/A@model=mlp`. */
  readonly runName: (name: string) => string;
  readonly curveName: (curve: string) => string;
  /** With labels that are not shortened. */
  readonly wholeCurveName: (curve: string) => string;
}

/** One for an experiment without such axes. */
export function expandCases(config: ExperimentConfig): readonly Case[] {
  const { sweep, ...plain } = config;
  const whole = (name: string): string => withWholeLabel(name, sweep?.labels);
  if (!sweep?.cases) {
    return [{ config: plain, runName: itself, curveName: itself, wholeCurveName: whole }];
  }
  return sweep.cases.map((swept) => {
    const own = swept.set.reduce<unknown>((all, [path, value]) => setIn(all, path, value), plain);
    return makeCase(own as ExperimentConfig, swept, whole);
  });
}

function itself(name: string): string {
  return name;
}

function withWholeLabel(name: string, labels: SweepRecord['labels'] = {}): string {
  const { source, label } = splitLabel(name);
  const whole = label !== null && Object.hasOwn(labels, label) ? labels[label]! : label;
  return whole === null ? name : appendLabel(source, whole);
}

function makeCase(
  config: ExperimentConfig,
  swept: SweptCase,
  whole: (name: string) => string,
): Case {
  const hasName = sourceNames(config);
  const axes = Object.keys(swept.at).map((path) => ({ path, axis: axisAt(path, hasName) }));
  const label = (run: RunName) => {
    const changing = axes.filter(({ axis }) => isChangedBy(config, axis, run));
    return caseLabel(
      swept,
      changing.map(({ path }) => path),
    );
  };
  const curveLabel = (curve: string) => label(runName('curve', curve));
  return {
    config,
    runName: (name) => appendLabel(name, shortenLabel(label(parseRunName(name)))),
    curveName: (curve) => appendLabel(curve, shortenLabel(curveLabel(curve))),
    wholeCurveName: (curve) => appendLabel(whole(curve), curveLabel(curve)),
  };
}

function axisAt(path: string, hasName: HasName): Axis {
  const [section = '', entry = '', field = ''] = splitDottedPath(path, hasName);
  return { section, entry, field };
}

/** The names that the file gives its entries, which those of the configuration begin with. */
function sourceNames(config: ExperimentConfig): HasName {
  const known = new Map<string, ReadonlySet<string>>();
  return ([section, ...further], name) => {
    if (section === undefined || further.length > 0) return false;
    if (!known.has(section)) {
      const entries = Object.entries(config).find(([key]) => key === section)?.[1];
      const names = typeof entries === 'object' ? Object.keys(entries) : [];
      known.set(section, new Set(names.map(sourceName)));
    }
    return known.get(section)!.has(name);
  };
}

/** Label of a case on those of its axes. */
function caseLabel({ at, as, named }: SweptCase, axes: readonly string[]): string {
  const own = axes.filter((axis) => !named.includes(axis));
  const shown = own.map((axis) => `${shortAxis(axis)}=${at[axis]!}`).sort();
  return [...(as !== null && own.length < axes.length ? [as] : []), ...shown].join(',');
}

function shortAxis(axis: string): string {
  return axis.replace(/\*\./, '');
}
