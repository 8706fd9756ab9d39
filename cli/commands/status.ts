/** `status`: where every run stands and why; from the results database and Temporal, or from the one that answers. */
import { loadSettings } from '../../settings/settings.js';
import { shortKey } from '../../report/numbers.js';
import { attempt } from '../connections/if-reachable.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { estimateText } from '../status/time-estimate.js';
import { idIn } from '../experiments/find-experiment.js';
import { readStatus, type Status } from '../status/read-status.js';
import { withReader } from '../connections/reader.js';
import { runTable } from '../status/run-table.js';
import { runStatus } from '../status/run-status.js';
import { describeCounts, paintState, sumCounts } from '../status/states.js';

/** More are not read in a terminal; programs are given all. */
const rowsShown = 50;

export async function status(context: Context, text: string): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  const asked = await attempt(() =>
    withReader(settings, (store) =>
      readStatus(settings, store, text, context.json ? undefined : rowsShown),
    ),
  );
  if (!asked.ok) {
    const { statusFromTemporal } = await import('../status/status-from-temporal.js');
    await statusFromTemporal(context, settings, await idIn(text));
    context.say(`from Temporal only: ${asked.reason}`);
    context.next('doctor', `status ${text}`);
    return exitCodes.ok;
  }
  const found = asked.value;
  if (context.json) printJson(context, statusDocument(found));
  else context.print(statusText(found, context.width));
  sayDoubts(context, found);
  context.next(...nextCommands(found));
  return exitCodes.ok;
}

function sayDoubts(context: Context, { experiment, temporal, lost, counts }: Status): void {
  if (typeof temporal === 'object') {
    context.say(`from the results database only: ${temporal.away}`);
  }
  if (lost) context.say(`no workflow is running for ${experiment.id}: it was interrupted`);
  if (counts['stale']) context.say('stale results stay; ./isthmus run FILE computes them anew');
}

function statusText(found: Status, width: number): string {
  const { experiment, rows, counts, around, estimate } = found;
  const table = runTable(rows, around, new Date(), width);
  const hidden = sumCounts(counts) - rows.length;
  const more = hidden > 0 ? `\n… and ${hidden} more (--json)` : '';
  const { id, signature } = experiment;
  const head = `${id}   ${paintState(describeState(found))}   signature ${shortKey(signature)}`;
  const left = estimate.share < 1 ? `\n${estimateText(estimate)}` : '';
  return `${head}\n\n${table}${more}\n\n${describeCounts(counts)}${left}`;
}

/** An experiment whose every open run is paused is. */
function describeState({ experiment, counts }: Status): string {
  const { paused, queued, running } = counts;
  return experiment.state === 'running' && paused && !queued && !running
    ? 'paused'
    : experiment.state;
}

function nextCommands(found: Status): readonly string[] {
  const { experiment, counts, lost } = found;
  const { id, state } = experiment;
  if (describeState(found) === 'paused') return [`unpause ${id}`, `cancel ${id}`];
  if (state === 'done') return [`results ${id}`, `report ${id} -o report.html`];
  if (state === 'running' && !lost) return [`watch ${id}`, `cancel ${id}`];
  const failed = (counts['failed'] ?? 0) > 0 ? [`retry ${id}`] : [];
  const open = Object.keys(counts).some((one) => goesOn.has(one)) ? [`resume ${id}`] : [];
  return [...open, ...failed, `results ${id}`];
}

/** Runs that `resume` continues. */
const goesOn = new Set(['queued', 'paused', 'running', 'interrupted', 'cancelled']);

function statusDocument(found: Status): unknown {
  const { experiment, rows, counts, around, estimate, workflow, temporal } = found;
  const { id, name, signature, createdAt, finishedAt } = experiment;
  return {
    ...{ id, name, signature, state: describeState(found), createdAt, finishedAt },
    sources: { database: true, temporal: temporal === 'asked' },
    ...{ workflow, counts, share: estimate.share, timeLeft: estimate.left },
    runs: rows.map((row) => ({
      ...{ name: row.run.name, kind: row.run.spec.kind, key: row.run.key, version: row.version },
      ...{ ...runStatus(row, around), epoch: row.epoch, failure: row.failure },
      ...{ reason: row.reason, startedAt: row.startedAt, finishedAt: row.finishedAt },
      ...{ outputs: row.outputs, environment: row.environment, checkpoint: row.checkpoint },
      ...around.steps.get(row.run.key),
    })),
  };
}
