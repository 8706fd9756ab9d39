/** A forked engine: starts it, sends it one job at a time, and turns every way it ends into an outcome. */
import { fork, type ChildProcess } from 'node:child_process';
import type { EngineListener, EngineOutcome } from '../activities/engines.js';
import type {
  EngineCommand,
  EngineJob,
  EngineMessage,
  Environment,
  RunFailure,
} from '../experiment/records/records.js';
import { failureOfExit } from './engine-exit.js';
import type { EngineLog } from './engine-log.js';
import { parseEngineMessage } from '../engine/process/messages.js';
import { memoryBytes } from '../settings/engines.js';
import { residentBytes } from './resident-size.js';

export interface EngineProcessOptions {
  /** Compiled module that speaks the engine's side of the protocol. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: EngineLog;
  readonly readyTimeoutMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

/** Memory that a finished job left in the process. */
interface Leftovers {
  readonly tensorsLeft: number;
  readonly rssBytes: number;
}

export interface EngineProcess {
  readonly pid: number | undefined;
  /** Software and device it computes with, once it can take a job; null when it ended before that. */
  readonly ready: Promise<Environment | null>;
  /** Why it ended. */
  readonly ended: Promise<RunFailure>;
  /** Whether it can take another job. */
  readonly usable: () => boolean;
  readonly leftovers: () => Leftovers;
  /** `environment` is what `ready` gave. */
  execute(
    job: EngineJob,
    environment: Environment,
    listener: EngineListener,
    signal: AbortSignal,
  ): Promise<EngineOutcome>;
  /** SIGTERM, then SIGKILL; resolves when the process is gone. */
  stop(): Promise<void>;
}

export function startEngine(options: EngineProcessOptions): EngineProcess {
  const child = forkEngine(options);
  /** Set by whoever ends the process for a reason that its exit would not tell. */
  let verdict: RunFailure | null = null;
  let stopping = false;
  let leftovers: Leftovers = { tensorsLeft: 0, rssBytes: 0 };

  const condemn = (message: string): void => {
    verdict ??= { type: 'crashed', message };
    child.kill('SIGKILL');
  };
  const ended = whenEnded(child, options.log).then((failure) => verdict ?? failure);
  const usable = (): boolean => !stopping && verdict === null && isAlive(child);

  async function stop(): Promise<void> {
    stopping = true;
    if (isAlive(child)) child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), options.graceMs);
    await ended;
    clearTimeout(kill);
  }

  return {
    pid: child.pid,
    ready: whenReady(child, ended, options.readyTimeoutMs, condemn),
    ended,
    usable,
    leftovers: () => leftovers,
    stop,
    async execute(job, environment, listener, signal) {
      const abort = (): void => void stop();
      const reply = converse(child, job, listener, condemn);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      const last = await Promise.race([reply, ended]);
      signal.removeEventListener('abort', abort);
      if (last.type === 'done') {
        leftovers = { tensorsLeft: last.tensorsLeft, rssBytes: last.rssBytes };
        const { outputs, otherMachine } = last;
        return { type: 'done', outputs, environment: { ...environment, otherMachine } };
      }
      if (signal.aborted) return ended.then(() => ({ type: 'stopped' }));
      return { type: 'failed', failure: last.type === 'failed' ? last.failure : last };
    },
  };
}

function forkEngine({ script, env, log }: EngineProcessOptions): ChildProcess {
  log.reset();
  const child = fork(script, [], {
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (child.stdout) log.attach(child.stdout);
  if (child.stderr) log.attach(child.stderr);
  return child;
}

type Condemn = (message: string) => void;

/** Calls back with each message of the engine until told to stop; a broken one ends the engine. */
function listen(child: ChildProcess, hear: (message: EngineMessage) => void, condemn: Condemn) {
  const receive = (value: unknown): void => {
    const message = parseEngineMessage(value);
    if (message) hear(message);
    else
      condemn(
        'the engine sent a message that its protocol does not know; rebuild with npm run setup',
      );
  };
  child.on('message', receive);
  return () => child.off('message', receive);
}

function whenReady(
  child: ChildProcess,
  ended: Promise<RunFailure>,
  timeoutMs: number,
  condemn: Condemn,
): Promise<Environment | null> {
  const late = setTimeout(
    () => condemn(`the engine was not ready within ${timeoutMs / 1000} s`),
    timeoutMs,
  );
  return new Promise<Environment | null>((resolve) => {
    const stop = listen(child, (m) => m.type === 'ready' && resolve(m.environment), condemn);
    void ended.then(() => resolve(null)).finally(stop);
  }).finally(() => clearTimeout(late));
}

type LastMessage = Extract<EngineMessage, { type: 'done' | 'failed' }>;

/** Sends the job and passes on what the engine says until its last word. */
function converse(
  child: ChildProcess,
  job: EngineJob,
  listener: EngineListener,
  condemn: Condemn,
): Promise<LastMessage> {
  // A channel that has closed under us is reported by the exit that follows.
  const tell = (command: EngineCommand): void => {
    if (child.connected) child.send(command, () => undefined);
  };
  let held: Promise<void> | undefined;
  const hold = (room: Promise<void> | undefined): void => {
    if (room === undefined || room === held) return;
    held = room;
    tell({ type: 'hold' });
    void room.then(() => held === room && tell({ type: 'go' }));
  };
  tell({ type: 'run', job });
  return new Promise((resolve) => {
    const hear = (message: EngineMessage): void => {
      switch (message.type) {
        case 'ready':
          return;
        case 'progress':
          return listener.progress(message.step, message.total, message.phase);
        case 'metrics':
          return hold(listener.metrics(message.rows));
        case 'resumed':
          return listener.resumed?.(message.resumption);
        case 'checkpoint':
          return listener.checkpoint?.(message.checkpoint);
        case 'checkpoint-delayed':
          return listener.checkpointDelayed?.(message.step, message.why);
        case 'done':
        case 'failed':
          stop();
          return resolve(message);
        default:
          return message satisfies never;
      }
    };
    const stop = listen(child, hear, condemn);
  });
}

const sizePollMs = 1000;

function whenEnded(child: ChildProcess, log: EngineLog): Promise<RunFailure> {
  let peakRssBytes = 0;
  const poll = setInterval(() => {
    if (child.pid !== undefined) peakRssBytes = Math.max(peakRssBytes, residentBytes(child.pid));
  }, sizePollMs).unref();
  return new Promise((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearInterval(poll);
      const limits = { peakRssBytes, memoryBytes: memoryBytes() };
      resolve(failureOfExit({ code, signal, ...limits, tail: log.tail() }));
    };
    child.once('close', end);
    child.once('error', () => child.pid === undefined && end(null, null));
  });
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
