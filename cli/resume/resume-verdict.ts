/** Compares the outputs of an interrupted run with the stored ones. */
import { machineText } from '../../experiment/records/machine.js';
import type { MetricRow } from '../../experiment/records/records.js';
import type { Moment, ResumeCheckResult } from '../../experiment/records/resume-check.js';
import type { RunRow } from '../../stores/results/results-store.js';

export interface Verdict {
  readonly name: string;
  readonly key: string;
  readonly signal: Moment['signal'];
  readonly interruptedAt: number | null;
  readonly resumedAt: number;
  readonly total: number;
  /** How many were compared. */
  readonly artifacts: number;
  readonly numbers: number;
  readonly same: boolean;
  /** In words. */
  readonly what: string;
}

export function compareWithStored(
  row: RunRow,
  stored: readonly MetricRow[],
  { signal }: Moment,
  result: ResumeCheckResult,
): Verdict {
  const { run, outputs } = row;
  const { interruptedAt, resumedAt, total } = result;
  const differences = result.outputs
    ? [...differentOutputs(outputs, result.outputs), ...differentNumbers(stored, result.metrics)]
    : [`failed: ${result.failure?.message ?? 'it was stopped'}`];
  return {
    ...{ name: run.name, key: run.key, signal, interruptedAt, resumedAt, total },
    ...{ artifacts: Object.keys(outputs).length, numbers: stored.length },
    same: differences.length === 0,
    what:
      differences.length === 0 ? 'the same' : [...differences, ...excuses(row, result)].join(', '),
  };
}

/** Why other bits are no mistake: they are promised for one and the same kind of machine. */
function excuses({ environment }: RunRow, { machine }: ResumeCheckResult): readonly string[] {
  if (environment === null || machine === null) return [];
  if (environment.otherMachine !== undefined) {
    return [`which several machines had computed: ${environment.otherMachine}`];
  }
  const stored = machineText(environment);
  return stored === machine ? [] : [`which ${stored} had computed; this is ${machine}`];
}

function differentOutputs(stored: RunRow['outputs'], found: RunRow['outputs']): string[] {
  const names = new Set([...Object.keys(stored), ...Object.keys(found)]);
  return [...names].filter((name) => stored[name]?.digest !== found[name]?.digest);
}

function differentNumbers(stored: readonly MetricRow[], found: readonly MetricRow[]): string[] {
  const groupValues = (rows: readonly MetricRow[]) =>
    new Map(rows.map(({ series, x, value }) => [`${series} ${x}`, value]));
  const [expected, actual] = [groupValues(stored), groupValues(found)];
  const places = new Set([...expected.keys(), ...actual.keys()]);
  const different = [...places].filter((at) => !Object.is(expected.get(at), actual.get(at)));
  return different.length > 0 ? [`${different.length} numbers`] : [];
}
