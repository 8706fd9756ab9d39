/** The table of faults, counts and times, in Markdown. */
import { phases } from './phases.js';
import type { Outcome } from './schedule.js';

export function summaryOf(
  outcomes: readonly Outcome[],
  { first, cleanMs }: { readonly first: number; readonly cleanMs: number },
): string {
  const struck = outcomes.filter((outcome) => outcome.struck);
  const failed = outcomes.filter(({ violations }) => violations.length > 0);
  const faultRows = groups(struck, ({ schedule }) => schedule.fault.name).map(([name, some]) => {
    const recoveries = some.flatMap(({ recoveryMs }) => recoveryMs ?? []);
    const cells = [name, some.length, broken(some), ...spread(recoveries)];
    return [...cells, ...spread(some.map(({ ms }) => ms))];
  });
  const phaseRows = phases.map((phase) => {
    const some = struck.filter(({ schedule }) => schedule.phase === phase);
    return [phase, some.length, broken(some)];
  });
  const last = outcomes.at(-1)?.schedule.seed ?? first;
  return [
    `${outcomes.length} schedules (seeds ${first} to ${last}), of which ${struck.length} struck; ` +
      `${failed.length} violated an invariant. Without faults the experiment takes ${seconds(cleanMs)} s.`,
    '',
    table(
      [
        'fault',
        'schedules',
        'violations',
        'recovery, median s',
        'most s',
        'whole, median s',
        'most s',
      ],
      faultRows,
    ),
    '',
    table(['phase', 'schedules', 'violations'], phaseRows),
    '',
    ...failed.map(
      ({ schedule, violations }) => `- seed ${schedule.seed}: ${violations.join('; ')}`,
    ),
  ].join('\n');
}

function groups<T>(items: readonly T[], nameOf: (item: T) => string): readonly [string, T[]][] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(nameOf(item), [...(found.get(nameOf(item)) ?? []), item]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function broken(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ violations }) => violations.length > 0).length;
}

function spread(timesMs: readonly number[]): readonly string[] {
  const sorted = [...timesMs].sort((a, b) => a - b);
  if (sorted.length === 0) return ['', ''];
  return [seconds(sorted[sorted.length >> 1]!), seconds(sorted.at(-1)!)];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
