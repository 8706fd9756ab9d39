/** The command line as a person uses it: a process with arguments, an environment and two streams. */
import { spawn, type ChildProcess } from 'node:child_process';
import { compiled } from '../compiled.js';

export type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error matches. */
  said(pattern: RegExp): Promise<void>;
}

export function start(env: Environment, ...args: readonly string[]): Started {
  const began = performance.now();
  const child = spawn(process.execPath, [compiled('cli/main.ts'), ...args], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listen of listeners) listen();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, ms: performance.now() - began }));
  });
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const listen = (): void => {
        if (pattern.test(stderr)) resolve();
      };
      listeners.add(listen);
      listen();
      void ended.then(() => reject(new Error(`ended without ${pattern}: ${stderr}`)));
    });
  return { process: child, ended, said };
}

export function isthmus(env: Environment, ...args: readonly string[]): Promise<Ended> {
  return start(env, ...args).ended;
}

/** Of three, so that another program's moment on the processor is not taken for ours. */
export async function fastest(env: Environment, ...args: readonly string[]): Promise<Ended> {
  const ended: Ended[] = [];
  for (let i = 0; i < 3; i++) ended.push(await isthmus(env, ...args));
  return ended.reduce((best, one) => (one.ms < best.ms ? one : best));
}
