/** How each run of the workflow ended, and what that says about the experiment. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { failureTypes, type RunFailure } from '../experiment/records.js';
import type {
  ClosingExperiment,
  ExperimentProgress,
  ExperimentResult,
  ProgressState,
  WorkflowRun,
} from '../experiment/workflow-records.js';
import { progressStates } from '../experiment/workflow-records.js';

export type Outcome =
  | { readonly state: 'done' | 'cached' | 'cancelled' }
  | { readonly state: 'failed'; readonly failure: RunFailure }
  | { readonly state: 'blocked'; readonly reason: string };

export interface Ended {
  readonly run: WorkflowRun;
  readonly outcome: Outcome;
}

/** Null when everything needed is there. */
export function blockedBy(needs: readonly Ended[]): Outcome | null {
  const broken = needs.find(({ outcome }) => !['done', 'cached'].includes(outcome.state));
  if (broken === undefined) return null;
  if (broken.outcome.state === 'cancelled') return { state: 'cancelled' };
  return { state: 'blocked', reason: `${broken.run.name} ${broken.outcome.state}` };
}

export function failureOf(error: unknown): RunFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const type = failureTypes.find((known) => known === cause.type) ?? 'crashed';
    return { type, message: cause.message };
  }
  if (cause instanceof TimeoutFailure) {
    return { type: 'timeout', message: `no sign of life from the worker (${cause.message})` };
  }
  return { type: 'crashed', message: cause instanceof Error ? cause.message : String(cause) };
}

export function resultOf(ended: readonly Ended[]): ExperimentResult {
  const count = (state: Outcome['state']) => ended.filter((e) => e.outcome.state === state).length;
  const failed = ended.flatMap(({ run, outcome }) =>
    outcome.state === 'failed' ? [{ name: run.name, ...outcome.failure }] : [],
  );
  const blocked = ended.flatMap(({ run, outcome }) =>
    outcome.state === 'blocked' ? [{ name: run.name, reason: outcome.reason }] : [],
  );
  const state = failed.length + blocked.length > 0 ? 'failed' : 'done';
  return { state, done: count('done'), cached: count('cached'), failed, blocked };
}

/** Temporal markdown, shown at the top of the workflow's page. */
export function detailsOf(result: ExperimentResult): string {
  const { done, cached, failed, blocked } = result;
  return [
    `${done} done, ${cached} cached, ${failed.length} failed, ${blocked.length} blocked`,
    ...failed.map(({ name, type, message }) => `- **${name}** ${type}: ${message}`),
    ...blocked.map(({ name, reason }) => `- **${name}** blocked: ${reason}`),
  ].join('\n');
}

export function closingOf(
  experiment: string,
  ended: readonly Ended[],
  state: ClosingExperiment['state'],
): ClosingExperiment {
  return {
    experiment,
    state,
    failed: ended.flatMap(({ run, outcome }) =>
      outcome.state === 'failed' ? [{ key: run.key, failure: outcome.failure }] : [],
    ),
    blocked: ended.flatMap(({ run, outcome }) =>
      outcome.state === 'blocked' ? [{ key: run.key, reason: outcome.reason }] : [],
    ),
    cancelled: ended.flatMap(({ run, outcome }) =>
      outcome.state === 'cancelled' ? [run.key] : [],
    ),
  };
}

export function progressOf(
  phase: ExperimentProgress['phase'],
  states: ReadonlyMap<string, ProgressState>,
): ExperimentProgress {
  const runs = [...states].map(([name, state]) => ({ name, state }));
  const counts = Object.fromEntries(
    progressStates.map((state) => [state, runs.filter((run) => run.state === state).length]),
  ) as Record<ProgressState, number>;
  return { phase, counts, runs };
}
