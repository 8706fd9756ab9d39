/** The engine of the product in a process of its own, asked for one run without a worker and without servers. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEngineMessage } from '../../engine/process/messages.js';
import { optionsVariable, type EngineOptions } from '../../engine/process/options.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import type {
  CheckpointRef,
  EngineJob,
  EngineMessage,
  Outputs,
} from '../../experiment/records/records.js';
import { deviceEnvironment, type ProofContext } from './context.js';

export interface Attempt {
  /** Null: it was killed, or failed. */
  readonly outputs: Outputs | null;
  /** Why it failed, or null. */
  readonly failure: string | null;
  /** Where it was killed, or null. */
  readonly killedAt: number | null;
  /** Where it began. */
  readonly resumedAt: number;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointRef[];
}

/** Kills it without warning once it has come to this step and has a checkpoint; null: never. */
export async function attempt(
  context: ProofContext,
  job: EngineJob,
  killAt: number | null,
): Promise<Attempt> {
  const child = start(context);
  const checkpoints: CheckpointRef[] = [];
  let last: Extract<EngineMessage, { type: 'done' | 'failed' }> | null = null;
  let resumedAt = 0;
  let killedAt: number | null = null;
  const reach = (step: number): void => {
    if (killAt === null || killedAt !== null || step < killAt || checkpoints.length === 0) return;
    killedAt = step;
    child.kill('SIGKILL');
  };
  child.on('message', (value) => {
    const message = parseEngineMessage(value);
    if (message === null) throw new Error('the engine sent a message that is none of its own');
    switch (message.type) {
      case 'ready':
        return void child.send({ type: 'run', job });
      case 'progress':
        return reach(message.step);
      case 'resumed':
        return void (resumedAt = message.resumption.step);
      case 'checkpoint':
        return void checkpoints.unshift(message.checkpoint);
      case 'done':
      case 'failed':
        last = message;
        return child.disconnect();
      case 'metrics':
      case 'checkpoint-delayed':
        return;
      default:
        return message satisfies never;
    }
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  const ended = { killedAt, resumedAt, checkpoints };
  return { ...ended, ...conclude(last, killedAt, signal ?? String(code)) };
}

function conclude(
  last: Extract<EngineMessage, { type: 'done' | 'failed' }> | null,
  killedAt: number | null,
  exit: string,
): Pick<Attempt, 'outputs' | 'failure'> {
  if (last?.type === 'done') return { outputs: last.outputs, failure: null };
  if (last?.type === 'failed') return { outputs: null, failure: last.failure.message };
  return { outputs: null, failure: killedAt === null ? `the engine ended with ${exit}` : null };
}

function start(context: ProofContext): ChildProcess {
  const { work } = context;
  const script = fileURLToPath(new URL('../../engine/process/main.js', import.meta.url));
  mkdirSync(join(work, 'logs'), { recursive: true });
  const log = openSync(join(work, 'logs', 'engine.log'), 'a');
  return fork(script, [], {
    env: {
      ...deviceEnvironment(process.env, context, 'float32'),
      [optionsVariable]: JSON.stringify(engineOptions(context)),
    },
    serialization: 'advanced',
    stdio: ['ignore', log, log, 'ipc'],
  });
}

/** Everything that it would put into the object store goes to a folder. */
function engineOptions({ work, device, threads }: ProofContext): EngineOptions {
  const nowhere = { bucket: 'none', forcePathStyle: true, endpoint: 'http://127.0.0.1:9' };
  return {
    s3: { ...nowhere, accessKeyId: 'none', secretAccessKey: 'none' },
    ...{ device, threads, versions: semanticVersions },
    dataDir: join(work, 'data'),
    checkpointDir: join(work, 'checkpoints'),
    graphDir: join(work, 'graphs'),
    scratchDir: join(work, 'scratch'),
  };
}
