/** The workers that a schedule kills, and whatever else carries their mark. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readyPath } from '../../settings/paths.js';
import { compiled } from '../compiled.js';

export const markVariable = 'CHAOS_MARK';

export interface LiveWorker {
  readonly pid: number;
  readonly home: string;
  /** Resolves when it polls. */
  ready(): Promise<void>;
  readonly ended: Promise<void>;
  alive(): boolean;
  signal(name: NodeJS.Signals): void;
  engines(): readonly number[];
}

export function startWorker(env: Readonly<Record<string, string>>, home: string): LiveWorker {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const log = openSync(join(home, 'worker.log'), 'a', 0o600);
  const child: ChildProcess = spawn(
    process.execPath,
    ['--enable-source-maps', compiled('worker/main.ts')],
    { env: { ...env, ISTHMUS_HOME: home }, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const pid = child.pid!;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    ...{ pid, home, ended, alive },
    async ready() {
      for (let i = 0; i < 1200 && alive(); i++) {
        if (isReady(home, pid)) return;
        await sleep(25);
      }
      throw new Error(`worker ${pid} does not poll; see ${join(home, 'worker.log')}`);
    },
    signal: (name) => void (alive() && process.kill(pid, name)),
    engines: () => childrenOf(pid),
  };
}

function isReady(home: string, pid: number): boolean {
  const path = readyPath(home);
  return existsSync(path) && readFileSync(path, 'utf8').includes(String(pid));
}

export function signalAll(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function parentOf(pid: number): number {
  const stat = readOf(pid, 'stat');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function stateOf(pid: number): string {
  const stat = readOf(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

function readOf(pid: number, file: 'stat' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function childrenOf(parent: number): readonly number[] {
  return pids().filter((pid) => parentOf(pid) === parent && stateOf(pid) !== 'Z');
}

/** Every process that carries the mark and has not ended. */
export function marked(mark: string): readonly number[] {
  const needle = `${markVariable}=${mark}\0`;
  return pids().filter((pid) => readOf(pid, 'environ').includes(needle) && stateOf(pid) !== 'Z');
}
