/** Prints an error as one line and a hint as another; a stack trace on request only. */
import { UserError } from '../../experiment/errors.js';
import { printJson, type Context } from './context.js';
import { exitCodeFor, exitCodes, type ExitCode } from './exit-codes.js';

export function reportError(context: Context, error: unknown): ExitCode {
  sayError(context, error);
  if (error instanceof UserError) {
    const { kind, message, hint } = error;
    if (hint !== undefined) context.say(`next: ${hint}`);
    if (context.json) printJson(context, { error: { kind, message, hint } });
    return exitCodeFor(kind);
  }
  if (context.json)
    printJson(context, { error: { kind: 'internal', message: errorMessage(error) } });
  return exitCodes.error;
}

/** For whoever goes on after it, too: neither data nor an exit code come of it. */
export function sayError(context: Context, error: unknown): void {
  const mine = error instanceof UserError;
  const message = errorMessage(error);
  const lines = mine ? message.split('\n') : [firstLine(message)];
  for (const line of lines) context.say(`error: ${line}`);
  if (context.verbose) sayStack(context, error);
  else if (!mine) context.say('this is not a mistake of yours; --verbose shows where it happened');
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sayStack(context: Context, error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    context.say(`${cause === error ? '' : 'caused by: '}${cause.stack ?? cause.message}`);
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
