/** An engine whose code was replaced under its worker computes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings } from '../../settings/settings.js';
import { optionsVariable, readEngineOptions } from '../../engine/process/options.js';
import { engineEnvironment } from '../../worker/engine-environment.js';
import { createEngineLog } from '../../worker/engine-log.js';
import { startEngine } from '../../worker/engine-process.js';
import { compiled } from '../compiled.js';
import { stackEnv } from '../stack.js';

test('an engine of another version than its worker ends and says what to do', async () => {
  const home = mkdtempSync(join(tmpdir(), 'isthmus-version-'));
  const log = createEngineLog(join(home, 'engine.log'));
  const settings = { ...loadSettings(stackEnv()), home };
  const env = engineEnvironment(settings, process.env, {
    slot: 0,
    threads: 1,
    precision: 'float32',
  });
  const { versions, ...options } = readEngineOptions(env);
  const changed = { ...options, versions: { ...versions, endpoint: versions['endpoint']! + 1 } };
  const engine = startEngine({
    ...{ script: compiled('engine/process/main.ts'), log, readyTimeoutMs: 60_000, graceMs: 1000 },
    env: { ...env, [optionsVariable]: JSON.stringify(changed) },
  });
  expect(await engine.ready).toBeNull();
  expect((await engine.ended).message).toContain('restart the worker');
  log.close();
  rmSync(home, { recursive: true });
});
