/** Computes runs again in an engine of its own, interrupts each, goes on with it, and tells how that ended. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResumeCheck } from '../../experiment/records/resume-check.js';
import { graphCacheFolder } from '../../settings/paths.js';
import { loadSettings } from '../../settings/settings.js';
import { engineEnvironment } from '../engine-environment.js';
import { createEngineLog } from '../engine-log.js';
import { createEngineSlot } from '../engine-slot.js';
import { checkRun } from './check-run.js';

const limits = { maxJobs: 1000, maxRssBytes: Infinity, readyTimeoutMs: 60_000, graceMs: 10_000 };

/** Nothing that is computed here leaves the scratch folder: the engine writes neither blobs nor manifests elsewhere. */
async function serve(checks: readonly ResumeCheck[]): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'isthmus-verify-'));
  const settings = { ...loadSettings(process.env), home, graphDir: graphCacheFolder(home) };
  const log = createEngineLog(join(home, 'engine.log'));
  const script = fileURLToPath(new URL('../../engine/process/main.js', import.meta.url));
  const mode = { threads: settings.engines.threads.small, precision: 'float32' } as const;
  const slot = createEngineSlot({
    ...{ ...limits, script, log, mode },
    environment: (wanted) =>
      engineEnvironment(settings, process.env, { slot: 0, ...wanted }, join(home, 'scratch')),
  });
  try {
    for (const check of checks) process.send?.(await checkRun(slot, check));
  } finally {
    await slot.close();
    log.close();
    rmSync(home, { recursive: true, force: true });
  }
}

process.once('disconnect', () => process.exit());
// The command that started this process speaks first; it is of the same build.
process.once('message', (checks: readonly ResumeCheck[]) => {
  void serve(checks)
    .catch((error: unknown) => {
      process.stderr.write(`verify-resume: ${String(error)}\n`);
      process.exitCode = 1;
    })
    .finally(() => process.disconnect());
});
