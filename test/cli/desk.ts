/** What tests of commands begin with: a folder for experiment files, a worker whose engine they script, and the command line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { stackEnv } from '../stack.js';
import { isthmus, start, type Ended, type Started } from './isthmus.js';
import { startTestWorker, type Script, type TestWorker } from './test-worker.js';

export interface Desk {
  readonly folder: string;
  /** Empty before each test. */
  readonly script: Script;
  /** Names of the runs that the engine was given since the test began, in order. */
  readonly computed: readonly string[];
  readonly run: (...args: readonly string[]) => Promise<Ended>;
  readonly begin: (...args: readonly string[]) => Started;
}

/** Set up before the tests of a file, and gone after them. */
export function createDesk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-cli-'));
  const script: Script = new Map();
  const computed: string[] = [];
  let worker: TestWorker;
  beforeAll(async () => {
    worker = await startTestWorker(script, computed);
  });
  afterAll(async () => {
    await worker.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    script.clear();
    computed.length = 0;
  });
  const env = () => ({ ...stackEnv(), NO_COLOR: '1' });
  return {
    ...{ folder, script, computed },
    run: (...args) => isthmus(env(), ...args),
    begin: (...args) => start(env(), ...args),
  };
}
