/** Activities over a plan in memory, which record what the workflows ask of them, and end as a test says. */
import { Context, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ControlActivities, RunActivities } from '../../activities/types.js';
import { forEachActivityType } from '../../experiment/kinds/activities.js';
import type { RunKey } from '../../experiment/records/runs.js';
import type {
  ExperimentResult,
  RunCounts,
  RunOutcome,
  TakenRun,
  TakeRequest,
} from '../../experiment/records/workflow-records.js';
import { runOutcomes } from '../../experiment/records/workflow-records.js';

export interface ScriptedRun extends Omit<TakenRun, 'position'> {
  readonly needs: readonly RunKey[];
}

export interface Script {
  readonly done?: readonly RunKey[];
  /** By key; runs that are not named succeed after a moment. */
  readonly runs?: Readonly<Record<RunKey, (attempt: number) => Promise<void>>>;
  readonly open?: () => Promise<void>;
  /** Told to wait once they had been handed out; a test may change it. */
  readonly paused?: ReadonlySet<RunKey>;
  /** Handed back so often, each time for a moment. */
  readonly refusals?: Readonly<Record<RunKey, number>>;
}

export interface Recorded {
  readonly control: ControlActivities;
  readonly runs: RunActivities;
  /** `start k` and `end k`, in order. */
  readonly events: string[];
  readonly outcomes: ReadonlyMap<RunKey, RunOutcome>;
  readonly orders: TakeRequest[];
  /** Most activities that carried out runs at once. */
  readonly peak: () => number;
}

/** How long a run that was refused is not handed out again. */
const refusalMs = 300;

export function scriptedActivities(plan: readonly ScriptedRun[], script: Script = {}): Recorded {
  const events: string[] = [];
  const outcomes = new Map<RunKey, RunOutcome>();
  const batches = new Map<RunKey, number>();
  const orders: TakeRequest[] = [];
  const returned = new Set<RunKey>();
  const refused = new Map<RunKey, { times: number; until: number }>();
  let [atWork, peak] = [0, 0];

  const endedWell = (key: RunKey): boolean =>
    ['done', 'cached'].includes(outcomes.get(key) ?? 'open');
  const open = (): readonly ScriptedRun[] => plan.filter(({ key }) => !outcomes.has(key));
  const blockWhatCannotRun = (): void => {
    for (const { key, needs } of plan) {
      const broken = needs.some((need) => outcomes.has(need) && !endedWell(need));
      if (broken && !outcomes.has(key)) outcomes.set(key, 'blocked');
    }
  };
  const countOutcomes = (counted: (key: RunKey) => boolean): RunCounts => {
    const ended = [...outcomes].filter(([key]) => counted(key)).map(([, outcome]) => outcome);
    return Object.fromEntries(
      runOutcomes.map((o) => [o, ended.filter((is) => is === o).length]),
    ) as Record<RunOutcome, number>;
  };
  const carryOut = async (key: RunKey): Promise<void> => {
    events.push(`start ${key}`);
    try {
      await (script.runs?.[key] ?? (() => sleep(20)))(Context.current().info.attempt);
      outcomes.set(key, 'done');
    } finally {
      events.push(`end ${key}`);
    }
  };

  const refuses = (key: RunKey): boolean => {
    const { times } = refused.get(key) ?? { times: 0 };
    if (times >= (script.refusals?.[key] ?? 0)) return false;
    refused.set(key, { times: times + 1, until: Date.now() + refusalMs });
    events.push(`refuse ${key}`);
    return true;
  };

  const control: ControlActivities = {
    async openExperiment() {
      await script.open?.();
      for (const key of script.done ?? []) outcomes.set(key, 'cached');
      return { cached: outcomes.size, open: open().length };
    },
    async takeRuns(order) {
      orders.push(order);
      blockWhatCannotRun();
      const live = [order.batch, ...order.others];
      for (const [key, batch] of batches) if (!live.includes(batch)) batches.delete(key);
      const untaken = open().filter(({ key }) => !batches.has(key));
      const held = untaken.filter(({ key }) => returned.has(key) && script.paused?.has(key));
      const now = Date.now();
      const waits = untaken.flatMap(({ key }) => {
        const left = (refused.get(key)?.until ?? 0) - now;
        return left > 0 ? [{ key, left }] : [];
      });
      const later = new Set([...held, ...waits].map(({ key }) => key));
      const ready = untaken
        .filter((run) => run.needs.every(endedWell) && !later.has(run.key))
        .slice(0, order.most);
      for (const { key } of ready) batches.set(key, order.batch);
      const inHand = open().filter(({ key }) => batches.has(key));
      const [own, others] = [true, false].map((mine) =>
        inHand.filter(({ key }) => (batches.get(key) === order.batch) === mine),
      );
      const runs = own!.map(({ key, name, summary, queue, activity }) => ({
        ...{ key, name, summary, queue },
        ...(activity === undefined ? {} : { activity }),
        position: plan.findIndex((run) => run.key === key),
      }));
      return {
        runs: runs.filter(({ position }) => !order.known.includes(position)),
        untaken: untaken.length > ready.length,
        waiting: untaken.length - ready.length,
        ended: countOutcomes((key) => batches.get(key) !== order.batch),
        elsewhere: others!.length,
        held: later.size > 0,
        ...(waits.length > 0 ? { againMs: Math.min(...waits.map(({ left }) => left)) } : {}),
      };
    },
    async settleRun({ run, state }) {
      if (!outcomes.has(run)) outcomes.set(run, state);
    },
    async closeExperiment(_, cancelled) {
      for (const { key } of open()) outcomes.set(key, 'cancelled');
      const counts = countOutcomes(() => true);
      const broken = counts.failed + counts.blocked > 0;
      const state: ExperimentResult['state'] = cancelled ? 'cancelled' : broken ? 'failed' : 'done';
      return { state, ...counts, problems: [] };
    },
  };
  const execute: RunActivities['executeRuns'] = async ({ runs: keys }) => {
    peak = Math.max(peak, ++atWork);
    try {
      const paused = keys.filter((key) => script.paused?.has(key) || refuses(key));
      for (const key of paused) {
        returned.add(key);
        batches.delete(key);
      }
      for (const key of keys) if (!paused.includes(key)) await carryOut(key);
      return { failed: [], ...(paused.length > 0 ? { paused } : {}) };
    } finally {
      atWork--;
    }
  };
  const runs = { ...forEachActivityType(execute), executeRuns: execute };
  return { control, runs, events, outcomes, orders, peak: () => peak };
}

/** Works until it is cancelled, telling Temporal that it lives. */
export async function untilCancelled(): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}

export function failing(type: string, message: string) {
  return (): Promise<never> => Promise.reject(ApplicationFailure.nonRetryable(message, type));
}
