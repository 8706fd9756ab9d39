/** The cases of an experiment that is swept as a whole, and what each calls its runs. */
import type { ExperimentConfig, SweepRecord } from '../config/experiment.js';
import { stepsOf, type HasName } from '../dotted-path.js';
import { injectedForAlone } from './runs/injected.js';
import { originsOf, type Node } from './references.js';
import { shortened } from '../sweep/labels.js';
import { setIn } from '../sweep/paths.js';
import type { SweptCase } from '../sweep/swept-case.js';

export interface Case {
  readonly config: ExperimentConfig;
  /** A run is called after those axes alone that can change it: `endpoint/A@model=mlp`. */
  readonly runName: (name: string) => string;
  readonly curveName: (curve: string) => string;
  /** The same with labels that are not shortened. */
  readonly wholeCurveName: (curve: string) => string;
}

/** One for an experiment without such axes. */
export function casesOf(config: ExperimentConfig): readonly Case[] {
  const { sweep, ...plain } = config;
  const whole = (name: string): string => withWholeLabel(name, sweep?.labels);
  if (!sweep?.cases) {
    return [{ config: plain, runName: itself, curveName: itself, wholeCurveName: whole }];
  }
  return sweep.cases.map((swept) => {
    const own = swept.set.reduce<unknown>((all, [path, value]) => setIn(all, path, value), plain);
    return caseOf(own as ExperimentConfig, swept, whole);
  });
}

function itself(name: string): string {
  return name;
}

function withWholeLabel(name: string, labels: SweepRecord['labels'] = {}): string {
  const [source, label] = name.split(/@(.*)/s) as [string, string?];
  return label !== undefined && Object.hasOwn(labels, label) ? `${source}@${labels[label]!}` : name;
}

function caseOf(config: ExperimentConfig, swept: SweptCase, whole: (name: string) => string): Case {
  const hasName = sourceNames(config);
  const axes = Object.keys(swept.at).map((axis) => [axis, stepsOf(axis, hasName)] as const);
  const label = (run: string) =>
    labelOf(
      swept,
      axes.filter(([, steps]) => touches(steps, run, config)).map(([axis]) => axis),
    );
  return {
    config,
    runName: (name) => joined(name, shortened(label(name))),
    curveName: (curve) => joined(curve, shortened(label(`curve/${curve}`))),
    wholeCurveName: (curve) => joined(whole(curve), label(`curve/${curve}`)),
  };
}

/** The names that the file gives its entries, which those of the configuration begin with. */
function sourceNames(config: ExperimentConfig): HasName {
  const known = new Map<string, ReadonlySet<string>>();
  return ([section, ...further], name) => {
    if (section === undefined || further.length > 0) return false;
    if (!known.has(section)) {
      const entries = Object.entries(config).find(([key]) => key === section)?.[1];
      const names = typeof entries === 'object' ? Object.keys(entries) : [];
      known.set(section, new Set(names.map(sourceOf)));
    }
    return known.get(section)!.has(name);
  };
}

function joined(name: string, label: string): string {
  if (label === '') return name;
  return `${name}${name.split('/').at(-1)!.includes('@') ? ',' : '@'}${label}`;
}

function labelOf({ at, as, named }: SweptCase, axes: readonly string[]): string {
  const own = axes.filter((axis) => !named.includes(axis));
  const shown = own.map((axis) => `${shortAxis(axis)}=${at[axis]!}`).sort();
  return [...(as !== null && own.length < axes.length ? [as] : []), ...shown].join(',');
}

function shortAxis(axis: string): string {
  return axis.replace(/\*\./, '');
}

/** Whether an axis can change a run of this name; one of an unknown section can change all. */
function touches(steps: readonly string[], run: string, config: ExperimentConfig): boolean {
  const [section, entry = '', field = ''] = steps;
  const [kind, subject = '', part = ''] = run.split('/');
  const is = (name: string) => entry === '*' || entry === sourceOf(name);
  const line = part === 'line';
  const joint = kind === 'transfer' || kind === 'ensemble';
  const summary = kind === 'summary' && !line;
  const among = (wanted: string) =>
    madeOf(config, run).some((node) => node.section === wanted && is(node.name));
  switch (section) {
    case 'endpoints':
      return among('endpoints');
    case 'curves':
      if (kind === 'endpoint' || part === 'alone') return among('curves');
      if (is(subject)) return !(line && !ofLine.has(field));
      return madeOf(config, run).some(
        ({ section: own, name }) => own === 'curves' && name !== subject && is(name),
      );
    case 'injections':
      return madeOf(config, run).some(({ section: own, name }) => {
        const inject = own === 'endpoints' ? config.endpoints[name]!.inject : undefined;
        return inject !== undefined && is(inject);
      });
    case 'attacks':
      return summary || joint || (kind === 'attack' && is(part));
    case 'evaluation':
      return kind === 'summary' || kind === 'evaluation';
    case 'spectrum':
      return summary || kind === 'spectrum';
    case 'transfer':
    case 'ensemble':
      return kind === section;
    case 'weightSpectrum':
      return kind === 'weight-spectrum';
    default:
      return true;
  }
}

/** The endpoints and curves that a run is about, and all that those are made of. */
function madeOf(config: ExperimentConfig, run: string): readonly Node[] {
  const [kind, subject = '', part = ''] = run.split('/');
  if (kind === 'endpoint') return originsOf(config, { section: 'endpoints', name: subject });
  if (part !== 'alone') return originsOf(config, { section: 'curves', name: subject });
  return [subject, ...injectedForAlone(config, subject)].flatMap((name) =>
    originsOf(config, { section: 'endpoints', name }),
  );
}

/** What the straight line between the ends has of a curve. */
const ofLine = new Set(['from', 'to', 'weightDecay', 'bonafide']);

/** The name in the file, without what the entry's own sweep added. */
function sourceOf(name: string): string {
  return name.split('@')[0]!;
}
