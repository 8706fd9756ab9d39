/** What every command is given: where to print data, where to talk, and how. */
import type { Environment } from '../infra/variables.js';

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: true;
  readonly verbose?: true;
}

export interface Context {
  readonly env: Environment;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly stderr: NodeJS.WriteStream;
  /** Data: standard output, with a line break after it. */
  readonly print: (text: string) => void;
  /** Messages and progress: standard error. */
  readonly say: (line: string) => void;
  /** Closes the command by naming the ones to type next. */
  readonly next: (...commands: readonly string[]) => void;
}

export function createContext(process: NodeJS.Process, options: CommonOptions): Context {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  return {
    env: process.env,
    json: options.json === true,
    verbose: options.verbose === true || Boolean(process.env['ISTHMUS_DEBUG']),
    stderr: process.stderr,
    print: (text) => void process.stdout.write(`${text}\n`),
    say,
    next: (...commands) => {
      for (const [index, command] of commands.entries()) {
        say(`${index === 0 ? 'next:' : '     '} ./isthmus ${command}`);
      }
    },
  };
}

/** One document, for programs. */
export function printJson(context: Context, document: unknown): void {
  context.print(JSON.stringify(document, jsonValue, 2));
}

/** JSON has no NaN and no infinities: they become strings rather than null. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
