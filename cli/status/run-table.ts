/** Table of an experiment's runs with state and time, for `status` and `watch`. */
import type { RunRow } from '../../stores/results/results-store.js';
import { seconds } from '../../report/numbers.js';
import { stdoutColours, type Colours } from '../terminal/colours.js';
import { cutEnd, cutMiddle, fitRows } from '../terminal/fit-table.js';
import { runStatus, type StatusContext } from './run-status.js';
import { paintState } from './states.js';
import { textTable } from '../terminal/tables.js';

export function runTable(
  rows: readonly RunRow[],
  around: StatusContext,
  now: Date,
  width: number,
  colours: Colours = stdoutColours,
): string {
  const cells = rows.map((row) => {
    const { state, why } = runStatus(row, around);
    return [
      ...[row.run.name, paintState(state, colours), stepText(row, around.steps)],
      ...[seconds(elapsedSeconds(row, now)).replace('–', ''), why],
    ];
  });
  const head = ['run', 'state', 'step', 'time', ''];
  const fitted = fitRows(head, cells, width, [
    { column: 4, least: 20, shorten: cutEnd },
    { column: 0, least: 24, shorten: cutMiddle },
    { column: 4, least: 0, shorten: cutEnd },
  ]);
  return textTable(head, fitted, (column) => column === 2 || column === 3, colours);
}

export function elapsedSeconds({ state, startedAt, finishedAt }: RunRow, now: Date): number | null {
  if (!startedAt || state === 'queued') return null;
  const end = finishedAt ?? (state === 'running' ? now : null);
  return end && Math.max(0, (end.getTime() - startedAt.getTime()) / 1000);
}

/** The step of a running run, or the one from which an interrupted run resumes. */
function stepText({ run, state, checkpoint }: RunRow, steps: StatusContext['steps']): string {
  const at = state === 'running' ? steps.get(run.key) : checkpoint;
  return at ? `${at.step}/${at.total}` : '';
}
