/** A Temporal development server of one test file's own, so that no other worker takes its tasks. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { matchingOptions, temporalBinary } from '../../infra/local/temporal.js';

export function startDevServer(): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const executable = { type: 'existing-path', path: temporalBinary } as const;
  return TestWorkflowEnvironment.createLocal({
    server: { executable, ui: false, extraArgs: [...matchingOptions] },
  });
}
