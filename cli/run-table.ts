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

function stepOf({ run, state }: RunRow, steps: Steps): string {
  const at = state === 'running' ? steps.get(run.key) : undefined;
  return at ? `${at.step}/${at.total}` : '';
}

function whyNot({ state, failure, reason }: RunRow): string {
  if (state === 'done') return '';
  return shorten(failure ? `${failure.type}: ${failure.message}` : (reason ?? ''));
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
