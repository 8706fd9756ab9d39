/** Marks an experiment as running, its open runs as queued, and tells which results are there already. */
import type { RunState } from '../experiment/records.js';
import type { OpenedExperiment } from '../experiment/workflow-records.js';
import type { ResultsStore } from '../stores/results-store.js';
import { failActivity } from './fail-activity.js';

const reopened: readonly RunState[] = ['failed', 'blocked', 'cancelled', 'interrupted'];

export function createOpenExperiment(results: ResultsStore) {
  return (experiment: string): Promise<OpenedExperiment> =>
    failActivity(async () => {
      await results.setExperimentState(experiment, 'running');
      const rows = await results.runsOf(experiment);
      const keys = (states: readonly RunState[]) =>
        rows.filter((row) => states.includes(row.state)).map((row) => row.run.key);
      await results.markUnstarted(keys(reopened), 'queued', null);
      return { done: keys(['done']) };
    });
}
