/** Runs of all cases as those of one experiment: a run that several cases ask for is planned once. */
import type { Case } from './cases.js';
import { UserError } from '../errors.js';
import type { PlannedRun, RunKey } from '../records/runs.js';

export interface Merged {
  readonly runs: readonly PlannedRun[];
  /** Other names of a run, to the one that it has. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** Each case's runs come after what they need, and so do those of all. */
export function mergeCases(cases: readonly (readonly [Case, readonly PlannedRun[]])[]): Merged {
  const byKey = new Map<RunKey, PlannedRun>();
  const aliases: Record<string, string> = {};
  for (const [{ runName, curveName }, runs] of cases) {
    for (const run of runs) {
      const name = runName(run.name);
      const known = byKey.get(run.key);
      if (known === undefined) byKey.set(run.key, { ...run, name, curve: renamed(run, curveName) });
      else if (known.name !== name) aliases[name] = checkedAlias(known.name, name);
    }
  }
  return { runs: [...byKey.values()], aliases };
}

function renamed({ curve }: PlannedRun, curveName: Case['curveName']): string | null {
  return curve === null ? null : curveName(curve);
}

/** Two written names for one unit of work are a slip in the file; a sweep may well come to one run twice. */
function checkedAlias(known: string, name: string): string {
  if (known.includes('@') || name.includes('@')) return known;
  throw new UserError(
    'bad-input',
    `${known} and ${name} are the same run; make them differ (another seed, other weights) or remove one`,
  );
}
