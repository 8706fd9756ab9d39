/** Shows an experiment while it runs: a live table on a terminal, else one line for each change. */
import type { RunRow } from '../../stores/results/results-store.js';
import { seconds } from '../../report/numbers.js';
import { createColours } from '../terminal/colours.js';
import type { Context } from '../terminal/context.js';
import type { Progress, Snapshot } from './follow.js';
import { elapsedSeconds, runTable } from '../status/run-table.js';
import { whyRefused } from '../status/run-status.js';
import { describeCounts, paintState, sumCounts } from '../status/states.js';

export async function createProgress(context: Context): Promise<Progress> {
  const live = context.stderr.isTTY && context.env['TERM'] !== 'dumb';
  return live ? createLiveTable(context) : createLines(context);
}

async function createLiveTable(context: Context): Promise<Progress> {
  const { createLogUpdate } = await import('log-update');
  const colours = createColours(context.stderr, context.env);
  const update = createLogUpdate(context.stderr);
  const notes: string[] = [];
  const began = Date.now();
  return {
    show(snapshot, now) {
      const total = describeCounts(snapshot.counts);
      const elapsed = seconds((now.getTime() - began) / 1000);
      const rows = fitting(snapshot.rows, (context.stderr.rows || 24) - linesAround - notes.length);
      const table = runTable(
        rows,
        snapshot.around,
        now,
        context.stderr.columns || Infinity,
        colours,
      );
      const leave = colours.dim('Ctrl-C detaches; the experiment continues');
      update([table, '', `${total}   ${elapsed}   ${leave}`, ...notes].join('\n'));
    },
    note: (text) => void notes.push(text),
    end: () => update.done(),
  };
}

/** Head of the table, empty line, totals, and the line of the cursor. */
const linesAround = 4;

/** When not all fit: what is at work or failed, then what waits, then what is done; in plan order. */
function fitting(rows: readonly RunRow[], height: number): readonly RunRow[] {
  if (rows.length <= height) return rows;
  const rank = ({ state }: RunRow): number =>
    state === 'running' || state === 'failed' ? 0 : state === 'queued' ? 1 : 2;
  const chosen = new Set([...rows].sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(1, height)));
  return rows.filter((row) => chosen.has(row));
}

function createLines({ say, env, stderr }: Context): Progress {
  const colours = createColours(stderr, env);
  const seen = new Map<string, RunRow['state']>();
  let counted = '';
  const tellRefused = refusalsTold(say);
  /** For a wide experiment: counts and failures only. */
  const showWide = ({ rows, counts }: Snapshot, now: Date): void => {
    for (const row of rows) {
      if (row.state !== 'failed' || seen.has(row.run.key)) continue;
      seen.set(row.run.key, row.state);
      say(runLine(row, now, (state) => paintState(state, colours)));
    }
    const line = describeCounts(counts);
    if (line !== counted) say(line);
    counted = line;
  };
  return {
    show(snapshot, now) {
      const { rows, counts } = snapshot;
      tellRefused(rows);
      if (rows.length < sumCounts(counts)) return showWide(snapshot, now);
      const changed = rows.filter(({ run, state }) => seen.get(run.key) !== state);
      for (const row of changed) {
        const first = !seen.has(row.run.key);
        seen.set(row.run.key, row.state);
        if (first && row.state === 'queued') continue;
        say(runLine(row, now, (state) => paintState(state, colours)));
      }
    },
    note: say,
    end: () => undefined,
  };
}

/** Each version once, since its runs are handed out and refused again for as long as no worker computes it. */
function refusalsTold(say: (line: string) => void): (rows: readonly RunRow[]) => void {
  const told = new Set<string>();
  return (rows) => {
    const refused = rows.filter((row) => row.refused);
    for (const why of new Set(refused.map(whyRefused))) {
      if (told.has(why)) continue;
      told.add(why);
      const [first, ...others] = refused.filter((row) => whyRefused(row) === why);
      const more = others.length > 0 ? ` and ${others.length} more` : '';
      say(`${first!.run.name}${more}: ${why}`);
    }
  };
}

function runLine(row: RunRow, now: Date, paint: (state: string) => string): string {
  const took = ['done', 'failed'].includes(row.state) ? elapsedSeconds(row, now) : null;
  const time = took === null ? '' : ` in ${seconds(took)}`;
  const why = row.state === 'done' ? null : (row.failure?.message ?? row.reason);
  return `${row.run.name} ${paint(row.state)}${time}${why ? `: ${why}` : ''}`;
}
