/** Tells a person what went wrong in one line and what to do in another; a stack trace only when asked for. */
import { UserError } from '../experiment/errors.js';
import { printJson, type Context } from './context.js';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.js';

export function reportError(context: Context, error: unknown): ExitCode {
  if (error instanceof UserError) return reportUserError(context, error);
  const message = error instanceof Error ? error.message : String(error);
  context.say(`error: ${firstLine(message)}`);
  if (context.verbose) sayStack(context, error);
  else context.say('this is not a mistake of yours; --verbose shows where it happened');
  if (context.json) printJson(context, { error: { kind: 'internal', message } });
  return exitCodes.error;
}

function reportUserError(context: Context, error: UserError): ExitCode {
  const { kind, message, hint } = error;
  for (const line of message.split('\n')) context.say(`error: ${line}`);
  if (hint !== undefined) context.say(`next: ${hint}`);
  if (context.verbose) sayStack(context, error);
  if (context.json) printJson(context, { error: { kind, message, hint } });
  return exitCodeOf(kind);
}

function sayStack(context: Context, error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    context.say(`${cause === error ? '' : 'caused by: '}${cause.stack ?? cause.message}`);
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
