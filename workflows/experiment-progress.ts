/** Progress of an experiment, from the reports of its batches: the current details of its page. */
import { defineSignal, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { batchWorkflowId, reportSignal } from '../experiment/records/temporal-names.js';
import type {
  BatchReport,
  BatchResult,
  OpenedExperiment,
  Problem,
  ProgressCounts,
} from '../experiment/records/workflow-records.js';
import { experimentDetails, listed } from './details.js';

export interface ExperimentProgress {
  /** The first failed runs that were reported. */
  failures(): readonly Problem[];
  opened(runs: OpenedExperiment): void;
  /** Call when a batch has started, or has ended with a result. */
  readonly show: (result?: BatchResult) => void;
}

/** `openBatches`: numbers of those with runs in flight, ascending. `earlier`: failures before it continued as new. */
export function createExperimentProgress(
  openBatches: () => readonly number[],
  earlier: readonly Problem[],
): ExperimentProgress {
  const reports = new Map<number, BatchReport>();
  const failures = new Map(earlier.map((problem) => [problem.name, problem]));
  let counts: ProgressCounts = {
    ...{ done: 0, cached: 0, failed: 0, blocked: 0, cancelled: 0, running: 0, waiting: 0 },
  };
  let newest = 0;
  const firstFailures = (): readonly Problem[] => [...failures.values()].slice(0, listed.problems);

  const addFailures = (added: readonly Problem[] = []): void => {
    for (const problem of added) failures.set(problem.name, problem);
  };
  const show = (result?: BatchResult): void => {
    addFailures(result?.failures);
    const open = openBatches();
    const inFlight = open.flatMap((batch) => reports.get(batch)?.inFlight ?? []);
    const running = { counts, inFlight, failures: firstFailures() };
    setCurrentDetails(experimentDetails(running, open.map(linkTo)));
  };
  setHandler(defineSignal<[BatchReport]>(reportSignal), (report) => {
    reports.set(report.batch, report);
    addFailures(report.failures);
    // An earlier batch has not heard of the runs that the newest one took.
    if (report.batch >= newest) ({ batch: newest, counts } = report);
    show();
  });
  return {
    failures: firstFailures,
    opened({ cached, open }) {
      counts = { ...counts, cached, waiting: open };
      show();
    },
    show,
  };
}

function linkTo(batch: number) {
  const { namespace, workflowId, firstExecutionRunId } = workflowInfo();
  return { batch, namespace, workflowId: batchWorkflowId(workflowId, firstExecutionRunId, batch) };
}
