/** The cases of an experiment that is swept as a whole, and what each calls its runs. */
import type { ExperimentConfig } from './config.js';
import { setIn, type Change } from './sweep/paths.js';

export interface SweptCase {
  /** The axes and their values, as names show them. */
  readonly at: Readonly<Record<string, string>>;
  /** Axes that the name of the case stands for. */
  readonly named: readonly string[];
  readonly as: string | null;
  /** What the first case's configuration lacks to be this one's. */
  readonly set: readonly Change[];
}

export interface Case {
  readonly config: ExperimentConfig;
  /** A run is called after those axes alone that can change it: `endpoint/A@model=mlp`. */
  readonly runName: (name: string) => string;
  readonly curveName: (curve: string) => string;
}

/** One for an experiment without such axes. */
export function casesOf(config: ExperimentConfig): readonly Case[] {
  const { sweep, ...plain } = config;
  if (!sweep?.cases) return [{ config: plain, runName: itself, curveName: itself }];
  return sweep.cases.map((swept) => {
    const own = swept.set.reduce<unknown>((all, [path, value]) => setIn(all, path, value), plain);
    return caseOf(own as ExperimentConfig, swept);
  });
}

function itself(name: string): string {
  return name;
}

function caseOf(config: ExperimentConfig, swept: SweptCase): Case {
  const label = (name: string) => labelOf(swept, (axis) => touches(axis, name, config));
  return {
    config,
    runName: (name) => joined(name, label(name)),
    curveName: (curve) => joined(curve, label(`curve/${curve}`)),
  };
}

function joined(name: string, label: string): string {
  if (label === '') return name;
  return `${name}${name.split('/').at(-1)!.includes('@') ? ',' : '@'}${label}`;
}

function labelOf({ at, as, named }: SweptCase, counts: (axis: string) => boolean): string {
  const axes = Object.keys(at).filter(counts);
  const own = axes.filter((axis) => !named.includes(axis));
  const shown = own.map((axis) => `${shortAxis(axis)}=${at[axis]!}`).sort();
  return [...(as !== null && own.length < axes.length ? [as] : []), ...shown].join(',');
}

function shortAxis(axis: string): string {
  return axis.replace(/\*\./, '');
}

/** Whether an axis can change a run of this name; one of an unknown section can change all. */
function touches(axis: string, run: string, { curves }: ExperimentConfig): boolean {
  const [section, entry = '', field = ''] = axis.split('.');
  const [kind, subject = '', part = ''] = run.split('/');
  const is = (name: string) => entry === '*' || entry === sourceOf(name);
  const line = part === 'line';
  const summary = kind === 'summary' && !line;
  switch (section) {
    case 'endpoints': {
      if (kind === 'endpoint') return is(subject);
      const curve = curves[subject];
      return curve !== undefined && (is(curve.from) || is(curve.to));
    }
    case 'curves':
      return kind !== 'endpoint' && is(subject) && !(line && !ofLine.has(field));
    case 'attacks':
      return summary || (kind === 'attack' && is(part));
    case 'evaluation':
      return kind === 'summary' || kind === 'evaluation';
    case 'spectrum':
      return summary || kind === 'spectrum';
    case 'weightSpectrum':
      return kind === 'weight-spectrum';
    default:
      return true;
  }
}

/** What the straight line between the ends has of a curve. */
const ofLine = new Set(['from', 'to', 'weightDecay', 'bonafide']);

/** The name in the file, without what the entry's own sweep added. */
function sourceOf(name: string): string {
  return name.split('@')[0]!;
}
