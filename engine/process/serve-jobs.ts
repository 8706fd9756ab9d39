/** Computes jobs from the channel one after the other and reports their outcomes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { failureFrom } from '../failures.js';
import type { EngineContext } from '../toolkit/context.js';
import {
  withReason,
  type EngineCommand,
  type EngineJob,
  type EngineMessage,
  type Environment,
  type Outputs,
} from '../../experiment/records/records.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import { jobCheckpoints, type JobCheckpoints } from './checkpoints.js';
import { createGate, type Gate } from './gate.js';
import type { LocalCheckpoints } from './local-checkpoints.js';

export interface EngineParts {
  readonly blobs: BlobStore;
  readonly local: LocalCheckpoints;
  readonly host: GraphHost;
  readonly dataDir: string;
  readonly environment: Environment;
  countTensors(): number;
  executeRun(job: EngineJob, context: EngineContext): Promise<Outputs>;
}

type GatedParts = EngineParts & { readonly gate: Gate };

export interface Channel {
  /** Resolves when the message is on its way. */
  send(message: EngineMessage): Promise<void>;
  receive(handle: (command: EngineCommand) => void): void;
}

/** `stop` ends the job at its next pause; `exit` is called then, or at once when there is no job. */
export function serveJobs(
  parts: EngineParts,
  channel: Channel,
  stop: AbortSignal,
  exit: () => void,
): Promise<void> {
  let busy = false;
  stop.addEventListener('abort', () => !busy && exit());
  const gate = createGate();
  channel.receive((command) => {
    if (command.type !== 'run') return command.type === 'hold' ? gate.shut() : gate.open();
    busy = true;
    gate.open();
    void carryOut({ ...parts, gate }, channel, stop, command.job).then(() => {
      busy = false;
      if (stop.aborted) exit();
    });
  });
  return channel.send({ type: 'ready', environment: parts.environment });
}

async function carryOut(
  parts: GatedParts,
  channel: Channel,
  stop: AbortSignal,
  job: EngineJob,
): Promise<void> {
  const checkpoints = createJobCheckpoints(parts, channel, job);
  try {
    const before = parts.countTensors();
    const outputs = await parts.executeRun(
      job,
      createJobContext(parts, channel, stop, checkpoints),
    );
    const otherMachine = checkpoints.otherMachine() ?? undefined;
    await writeManifest(parts, job, outputs, otherMachine);
    await checkpoints.done();
    const tensorsLeft = parts.countTensors() - before;
    const rssBytes = process.memoryUsage.rss();
    await channel.send({ type: 'done', outputs, tensorsLeft, rssBytes, otherMachine });
  } catch (error) {
    checkpoints.failed();
    if (!stop.aborted && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    await channel.send({ type: 'failed', failure: failureFrom(error) });
  }
}

/** After the blobs that it names, before the database row that commits them. */
function writeManifest(
  parts: EngineParts,
  { run, inputs }: EngineJob,
  outputs: Outputs,
  otherMachine: string | undefined,
): Promise<void> {
  const environment = { ...parts.environment, otherMachine };
  return parts.blobs.putManifest({ format: 'isthmus.run/1', run, inputs, outputs, environment });
}

const progressIntervalMs = 100;

function createJobCheckpoints(
  parts: EngineParts,
  channel: Channel,
  job: EngineJob,
): JobCheckpoints {
  const nowMs = () => performance.now();
  return jobCheckpoints({ ...parts, nowMs, tell: (message) => void channel.send(message) }, job);
}

function createJobContext(
  parts: GatedParts,
  channel: Channel,
  signal: AbortSignal,
  checkpoints: JobCheckpoints,
): EngineContext {
  let lastPhase = '';
  let lastAtMs = 0;
  const { blobs, host, dataDir, environment } = parts;
  return {
    blobs,
    host,
    dataDir,
    environment,
    signal,
    checkpoints,
    progress(step, total, phase) {
      const nowMs = performance.now();
      if (phase === lastPhase && nowMs - lastAtMs < progressIntervalMs && step < total) return;
      lastPhase = phase;
      lastAtMs = nowMs;
      void channel.send({ type: 'progress', step, total, phase });
    },
    metrics: (rows) => void channel.send({ type: 'metrics', rows: rows.map(withReason) }),
    async pause() {
      await nextTurn();
      await parts.gate.pass(signal);
      if (signal.aborted) await checkpoints.stopping();
      signal.throwIfAborted();
      await checkpoints.paused();
    },
  };
}
