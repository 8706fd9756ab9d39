/** Starts the process that recomputes runs and reads its answers: a command itself never computes. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../experiment/errors.js';
import type { ResumeCheck, ResumeCheckResult } from '../../experiment/records/resume-check.js';
import type { Environment } from '../../settings/variables.js';

const script = fileURLToPath(new URL('../../worker/verify-resume/main.js', import.meta.url));

export function computeAgain(
  env: Environment,
  checks: readonly ResumeCheck[],
  hear: (result: ResumeCheckResult) => void,
): Promise<void> {
  const child = fork(script, [], { env: { ...env }, serialization: 'advanced' });
  let heard = 0;
  child.on('message', (result) => {
    heard += 1;
    // Both processes are of one build.
    hear(result as ResumeCheckResult);
  });
  child.send(checks);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0 && heard === checks.length) return resolve();
      const message = `the runs could not be computed again: ${heard} of ${checks.length} were`;
      reject(new UserError('failed', message, { hint: './isthmus doctor' }));
    });
  });
}
