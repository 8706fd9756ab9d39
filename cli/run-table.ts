/** The runs of an experiment with state and time: for status, and while watching. */
import pc from 'picocolors';
import type { RunKey } from '../experiment/runs.js';
import type { RunRow } from '../stores/results-store.js';
import { seconds } from '../report/numbers.js';
import type { RunStep } from './heartbeats.js';
import { paintState } from './states.js';
import { textTable } from './tables.js';

/** How far a running run is, by key. */
type Steps = ReadonlyMap<RunKey, RunStep>;

type Colours = ReturnType<typeof pc.createColors>;

export function runTable(
  rows: readonly RunRow[],
  steps: Steps,
  now: Date,
  colours: Colours = pc,
): string {
  const cells = rows.map((row) => [
    row.run.name,
    paintState(row.state, colours),
    stepOf(row, steps),
    seconds(elapsedSeconds(row, now)).replace('–', ''),
    whyNot(row),
  ]);
  const head = ['run', 'state', 'step', 'time', ''];
  return textTable(head, cells, (column) => column === 2 || column === 3, colours);
}

export function elapsedSeconds({ state, startedAt, finishedAt }: RunRow, now: Date): number | null {
  if (!startedAt || state === 'queued') return null;
  const end = finishedAt ?? (state === 'running' ? now : null);
  return end && Math.max(0, (end.getTime() - startedAt.getTime()) / 1000);
}

/** Of a run that is not at work, where it will go on. */
function stepOf({ run, state, checkpoint }: RunRow, steps: Steps): string {
  const at = state === 'running' ? steps.get(run.key) : checkpoint;
  return at ? `${at.step}/${at.total}` : '';
}

function whyNot(row: RunRow): string {
  const { state, failure, reason } = row;
  if (state === 'done') return '';
  const why = failure ? `${failure.type}: ${failure.message}` : reason;
  return [shorten(why ?? ''), goesOnAt(row)].filter(Boolean).join('; ');
}

/** `goes on at step 300 of 938`; nothing where it begins anew, or is at work. */
export function goesOnAt({ state, checkpoint }: RunRow): string {
  if (checkpoint === null || state === 'done' || state === 'running') return '';
  return `goes on at step ${checkpoint.step} of ${checkpoint.total}`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
