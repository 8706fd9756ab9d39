/** A measuring process: started, asked one line at a time, and idle in between. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { UserError } from '../../experiment/errors.js';
import { benchDir } from '../folders.js';
import { reply as replySchema } from '../request.js';

export interface Peer {
  readonly name: string;
  readonly pid: number | undefined;
  /** The answer's result; throws with the process's own words where it could not. */
  ask(request: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): Promise<void>;
}

/** Takes lines of stdout that are no answers: libraries write there too. Whether it was one. */
export type Aside = (line: string) => boolean;

export interface PeerOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the log that its stderr goes to. */
  readonly logs?: string;
  readonly aside?: Aside;
}

export function startPeer({ name, command, env, ...options }: PeerOptions): Peer {
  const { logs = benchDir, aside = () => false } = options;
  mkdirSync(logs, { recursive: true });
  const logPath = join(logs, `${name}.log`);
  const [file, ...args] = command;
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.pipe(createWriteStream(logPath));
  const lastWords = keepErrorLine(child.stderr);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`it ended with ${signal ?? code}${lastWords()}`));
  });
  // A process that is gone is told by its end, not by the pipe.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask: Peer['ask'] = async (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    let next = await lines.next();
    while (!next.done && aside(next.value)) next = await lines.next();
    if (next.done) throw failed(name, await ended, logPath);
    const reply = replySchema.parse(JSON.parse(next.value));
    if ('failed' in reply) throw failed(name, reply.failed, logPath);
    return reply.result;
  };
  const close = async (): Promise<void> => {
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      await once(child, 'close');
    }
  };
  return { name, pid: child.pid, ask, close };
}

/** The last line that speaks of an error: a process that dies at its start says why nowhere else. */
function keepErrorLine(stream: Readable): () => string {
  let kept = '';
  createInterface({ input: stream }).on('line', (line) => {
    if (/error|finds no|cannot/i.test(line)) kept = `: ${line.trim()}`;
  });
  return () => kept;
}

function failed(name: string, why: string, logPath: string): UserError {
  return new UserError('failed', `${name}: ${why}`, { hint: `all of it is in ${logPath}` });
}
