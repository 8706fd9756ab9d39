import { expect, test } from 'vitest';
import type { InFlightRun, Problem } from '../../experiment/records/workflow-records.js';
import { batchDetails, closedDetails, experimentDetails } from '../../workflows/details.js';

const none = { done: 0, cached: 0, failed: 0, blocked: 0, cancelled: 0, running: 0, waiting: 0 };
const sinceMs = Date.UTC(2026, 10, 29, 19, 30, 5);

test('the page of a running experiment shows counts, runs in flight, failures and its batches', () => {
  const details = experimentDetails(
    {
      counts: { ...none, done: 3, cached: 1, running: 2, waiting: 7, failed: 1 },
      inFlight: [{ name: 'curve/A-B', sinceMs, activity: 'fitCurve' }],
      failures: [{ name: 'endpoint/A', why: 'diverged: the loss became NaN at step 67' }],
    },
    [{ batch: 2, namespace: 'default', workflowId: 'experiment/x-1/batch/2/01a2' }],
  );
  expect(details).toBe(
    [
      '**3 done, 1 cached, 2 running, 7 waiting, 1 failed**',
      'In flight:\n\n- `curve/A-B` fitCurve, dispatched 11-29 19:30:05 UTC\n- and 1 more',
      'Failed:\n\n- `endpoint/A` diverged: the loss became NaN at step 67',
      'Steps of each run: pending activities of ' +
        '[batch 2](/namespaces/default/workflows/experiment%2Fx-1%2Fbatch%2F2%2F01a2)',
    ].join('\n\n'),
  );
});

test('details stay below 2,048 characters, whatever the number of runs and the length of their names and reasons', () => {
  const long = 'é'.repeat(3000);
  const inFlight = Array.from({ length: 500 }, (): InFlightRun => {
    return { name: long, sinceMs, activity: 'evaluateEnsemble' };
  });
  const failures = Array.from({ length: 500 }, (): Problem => ({ name: long, why: long }));
  const counts = Object.fromEntries(Object.keys(none).map((state) => [state, 123_456]));
  const running = { counts: { ...none, ...counts }, inFlight, failures };
  const links = Array.from({ length: 50 }, (_, batch) => {
    return {
      batch,
      namespace: 'default',
      workflowId: `experiment/${'x'.repeat(64)}/batch/${batch}`,
    };
  });
  expect(experimentDetails(running, links).length).toBeLessThan(2048);
  expect(batchDetails(running).length).toBeLessThan(2048);
  const closed = { ...running.counts, state: 'failed', problems: failures } as const;
  expect(closedDetails(closed).length).toBeLessThan(2048);
});

test('only the first line of a reason is shown, and none of it is markup', () => {
  const why = 'crashed: `w_1` <b>**bold**</b> [a](b)\n    at stack trace';
  const failures = [{ name: 'run/`a`', why }];
  const details = batchDetails({ counts: { ...none, failed: 1 }, inFlight: [], failures });
  expect(details.split('\n').at(-1)).toBe(
    "- `run/'a'` crashed: \\`w\\_1\\` \\<b\\>\\*\\*bold\\*\\*\\</b\\> \\[a\\](b)",
  );
});

test('the page of a closed experiment shows how its runs ended', () => {
  const problems = [{ name: 'endpoint/A', why: 'diverged: the loss became NaN' }];
  const result = { ...none, state: 'failed', done: 2, failed: 1, blocked: 3, problems } as const;
  expect(closedDetails(result)).toBe(
    '2 done, 1 failed, 3 blocked\n\n- `endpoint/A` diverged: the loss became NaN\n- and 3 more',
  );
});
