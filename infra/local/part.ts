/** Interface of a part of the local stack: prepare, start, check health, stop. */
import { join } from 'node:path';
import type { Environment } from '../../settings/variables.js';
import type { PortName, StackPorts } from '../../settings/local/stack-file.js';
import type { Secrets } from '../../settings/local/secrets.js';

export type Say = (line: string) => void;

export const partNames = ['temporal', 'postgres', 's3', 'worker'] as const;
export type PartName = (typeof partNames)[number];

/** One local stack: where it lives and how its parts reach each other. */
export interface Stack {
  readonly home: string;
  readonly ports: StackPorts;
  readonly secrets: Secrets;
  /** The caller's environment: the worker inherits it. */
  readonly env: Environment;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** Anything else that calls for a restart when it changes. */
  readonly revision?: string;
  /** Instead of its part's own, where its settings say so. */
  readonly stopTimeoutMs?: number;
}

export type Health =
  | { readonly state: 'up'; readonly detail: string }
  | { readonly state: 'unhealthy'; readonly detail: string };

export interface PublicPort {
  readonly name: PortName;
  readonly title: string;
  readonly variable: string;
}

export interface Part {
  readonly name: PartName;
  readonly title: string;
  readonly publicPorts: readonly PublicPort[];
  readonly privatePorts: readonly PortName[];
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** Undefined where nobody connects to it. */
  address(stack: Stack): string | undefined;
  command(stack: Stack): Promise<Command>;
  /** Makes ready what the command needs, whatever an earlier attempt left behind; the part does not run now. */
  prepare(stack: Stack): Promise<void>;
  health(stack: Stack, pid: number): Promise<Health>;
}

export function logPath(home: string, part: PartName): string {
  return join(home, 'logs', `${part}.log`);
}

/** Nothing of the caller's settings reaches a server, and no server writes to the caller's home. */
export function serverEnvironment(home: string): Environment {
  return { PATH: process.env['PATH'], HOME: home, TMPDIR: '.', TZ: 'UTC', LANG: 'C.UTF-8' };
}
