/** Current details of the workflows: Markdown at the top of their pages in the Temporal UI, of bounded size. */
import type {
  ExperimentResult,
  InFlightRun,
  Problem,
  ProgressCounts,
} from '../experiment/records/workflow-records.js';

/** Lists show so many entries; with texts cut, details stay below 2,048 characters. */
export const listed = { inFlight: 6, problems: 5, batches: 3 } as const;
const nameLength = 48;
const reasonLength = 100;

export interface BatchLink {
  readonly batch: number;
  readonly namespace: string;
  readonly workflowId: string;
}

export interface RunningDetails {
  readonly counts: ProgressCounts;
  /** At most `listed.inFlight` of `counts.running`. */
  readonly inFlight: readonly InFlightRun[];
  /** At most `listed.problems` of `counts.failed`. */
  readonly failures: readonly Problem[];
}

export function experimentDetails(running: RunningDetails, batches: readonly BatchLink[]): string {
  const links = batches.slice(-listed.batches).map(batchLink).join(', ');
  const where = links === '' ? [] : [`Steps of each run: pending activities of ${links}`];
  return [...runningLines(running), ...where].join('\n\n');
}

export function batchDetails(running: RunningDetails): string {
  return runningLines(running).join('\n\n');
}

export function closedDetails({ problems, ...result }: ExperimentResult): string {
  const { done, cached, failed, blocked, cancelled } = result;
  const counts = countsText({ done, cached, failed, blocked, cancelled });
  const shown = problems.slice(0, listed.problems).map(problemLine);
  return [counts, list(shown, failed + blocked)].filter(Boolean).join('\n\n');
}

/** Summary of a run in a report: enough to name it on a page. */
export function shortName(name: string): string {
  return cut(name, nameLength);
}

/** The first line of a reason, cut. */
export function shortReason(why: string): string {
  return cut(why.split('\n', 1)[0]!, reasonLength);
}

function runningLines({ counts, inFlight, failures }: RunningDetails): readonly string[] {
  const runs = list(inFlight.slice(0, listed.inFlight).map(inFlightLine), counts.running);
  const failed = list(failures.slice(0, listed.problems).map(problemLine), counts.failed);
  return [
    `**${countsText(counts) || 'no runs yet'}**`,
    ...(runs === '' ? [] : [`In flight:\n\n${runs}`]),
    ...(failed === '' ? [] : [`Failed:\n\n${failed}`]),
  ];
}

function list(lines: readonly string[], total: number): string {
  const more = total - lines.length;
  return [...lines, ...(lines.length > 0 && more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

const order = ['done', 'cached', 'running', 'waiting', 'failed', 'blocked', 'cancelled'] as const;

function countsText(counts: Readonly<Partial<ProgressCounts>>): string {
  return order.flatMap((state) => (counts[state] ? [`${counts[state]} ${state}`] : [])).join(', ');
}

function inFlightLine({ name, activity, sinceMs }: InFlightRun): string {
  const since = new Date(sinceMs).toISOString().slice(5, 19).replace('T', ' ');
  return `- ${code(shortName(name))} ${activity ? `${activity}, ` : ''}dispatched ${since} UTC`;
}

function problemLine({ name, why }: Problem): string {
  return `- ${code(shortName(name))} ${escape(shortReason(why))}`;
}

function batchLink({ batch, namespace, workflowId }: BatchLink): string {
  const [space, id] = [namespace, workflowId].map(encodeURIComponent);
  return `[batch ${batch}](/namespaces/${space}/workflows/${id})`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

/** Messages name tensors, files and keys: none of it is markup. */
function escape(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]/g, (mark) => `\\${mark}`);
}
