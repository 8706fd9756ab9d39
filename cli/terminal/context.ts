/** Context of a command: environment, output streams and formatting. */
import { fstatSync, writeFileSync } from 'node:fs';
import type { Environment } from '../../settings/variables.js';
import type { ExitCode } from './exit-codes.js';

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: true;
  readonly verbose?: true;
  /** Where a command has tables that are fitted. */
  readonly wide?: true;
}

export interface Context {
  readonly env: Environment;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly stderr: NodeJS.WriteStream;
  /** Columns that lines of a table may take. */
  readonly width: number;
  /** Data: standard output, with a line break after it. */
  readonly print: (text: string) => void;
  /** Messages and progress: standard error. */
  readonly say: (line: string) => void;
  /** Closes the command by naming the ones to type next. */
  readonly next: (...commands: readonly string[]) => void;
}

/** Runs the work of the command that was given, and turns an error into a message and an exit code. */
export type Finish = (
  options: CommonOptions,
  work: (context: Context) => Promise<ExitCode>,
) => Promise<void>;

export function createContext(process: NodeJS.Process, options: CommonOptions): Context {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  return {
    env: process.env,
    json: options.json === true,
    verbose: options.verbose === true || Boolean(process.env['ISTHMUS_DEBUG']),
    stderr: process.stderr,
    width: options.wide ? Infinity : terminalWidth(process),
    print: (text) => writeOut(process.stdout, `${text}\n`),
    say,
    next: (...commands) => {
      for (const [index, command] of commands.entries()) {
        say(`${index === 0 ? 'next:' : '     '} ./isthmus ${command}`);
      }
    },
  };
}

/** Width of the terminal; without one COLUMNS, or 100. */
function terminalWidth({ stdout, env }: NodeJS.Process): number {
  const asked = Number(env['COLUMNS']);
  return stdout.columns || (Number.isSafeInteger(asked) && asked > 0 ? asked : 100);
}

/** A stream takes a short write, where a disk fills up, for a whole one, and tells of a failure only later. */
function writeOut(stdout: NodeJS.WriteStream & { fd: number }, text: string): void {
  const found = fstatSync(stdout.fd);
  const waits = !found.isFile() && (!found.isCharacterDevice() || stdout.isTTY);
  if (waits) return void stdout.write(text);
  try {
    writeFileSync(stdout.fd, text);
  } catch (error) {
    stdout.emit('error', error);
  }
}

/** One document, for programs. */
export function printJson(context: Context, document: unknown): void {
  context.print(JSON.stringify(document, jsonValue, 2));
}

/** JSON has no NaN and no infinities: they become strings rather than null. */
export function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
