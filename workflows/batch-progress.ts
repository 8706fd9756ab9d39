/** Counts, in-flight runs and failures of one batch: on its page, and in reports to its experiment. */
import { setCurrentDetails } from '@temporalio/workflow';
import type {
  BatchInput,
  BatchReport,
  ProgressCounts,
  RunCounts,
  TakenRuns,
} from '../experiment/records/workflow-records.js';
import { batchDetails, listed, shortName } from './details.js';
import { createInFlight, type InFlight } from './in-flight.js';

export interface BatchProgress {
  readonly inFlight: InFlight;
  /** Grows with every change of the report. */
  readonly version: () => number;
  readonly report: () => BatchReport;
  /** Dispatches the runs of the database's answer. */
  readonly take: (answer: TakenRuns) => void;
}

export function createBatchProgress({ experiment, batch }: BatchInput): BatchProgress {
  let [version, shown] = [0, ''];
  let latest: Latest = { answer: null, returned: 0 };
  const report = (): BatchReport => ({
    batch,
    counts: experimentCounts(inFlight, latest),
    inFlight: firstInFlight(inFlight),
    failures: inFlight.failures,
  });
  const show = (): void => {
    const text = JSON.stringify(report());
    if (text === shown) return;
    [version, shown] = [version + 1, text];
    setCurrentDetails(batchDetails({ ...report(), counts: ownCounts(inFlight) }));
  };
  const inFlight = createInFlight(experiment, show);
  return {
    ...{ inFlight, report },
    version: () => version,
    take(answer) {
      latest = { answer, returned: inFlight.counts.returned };
      inFlight.dispatch(answer.runs);
      show();
    },
  };
}

interface Latest {
  /** The database's; null before the first. */
  readonly answer: TakenRuns | null;
  /** How many had been returned by then. */
  readonly returned: number;
}

const none: RunCounts = { done: 0, cached: 0, failed: 0, blocked: 0, cancelled: 0 };

/** The database counts runs of others and blocked ones, the batch its own. */
function experimentCounts(inFlight: InFlight, { answer, returned }: Latest): ProgressCounts {
  const { ended = none, elsewhere = 0, waiting = 0 } = answer ?? {};
  const own = ownCounts(inFlight);
  return {
    ...ended,
    done: ended.done + own.done,
    failed: ended.failed + own.failed,
    cancelled: ended.cancelled + own.cancelled,
    running: own.running + elsewhere,
    waiting: waiting + inFlight.counts.returned - returned,
  };
}

function ownCounts({ runs, counts: { ended, failed, cancelled } }: InFlight): ProgressCounts {
  const done = ended - failed - cancelled;
  return { ...none, done, failed, cancelled, running: runs.size, waiting: 0 };
}

function firstInFlight({ runs }: InFlight): BatchReport['inFlight'] {
  const first = [...runs.values()].slice(0, listed.inFlight);
  return first.map(({ name, sinceMs, activity }) => ({
    ...{ name: shortName(name), sinceMs },
    ...(activity === undefined ? {} : { activity }),
  }));
}
