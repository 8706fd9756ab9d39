/** Command-line arguments of the worker. */
import { parseArgs } from 'node:util';
import { UserError } from '../experiment/errors.js';
import { queueNames, type QueueName } from '../experiment/records/temporal-names.js';
import { logLevels, type LogLevel } from './log.js';

export interface WorkerArguments {
  readonly queues: readonly QueueName[];
  readonly logLevel: LogLevel;
}

export function readArguments(args: readonly string[]): WorkerArguments {
  const { queues, level } = parse(args);
  return {
    queues: queues.split(',').map((name) => parseChoice(name, queueNames, '--queues')),
    logLevel: parseChoice(level, logLevels, '--log-level'),
  };
}

function parse(args: readonly string[]): { readonly queues: string; readonly level: string } {
  const options = { queues: { type: 'string' }, 'log-level': { type: 'string' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    return { queues: values.queues ?? queueNames.join(), level: values['log-level'] ?? 'info' };
  } catch (cause) {
    throw new UserError('usage', (cause as Error).message, { cause });
  }
}

function parseChoice<T extends string>(value: string, known: readonly T[], flag: string): T {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  throw new UserError('usage', `${flag}: "${value}" is none of ${known.join(', ')}`);
}
