/** `doctor`: every part looked at by using it, and what to do about what is wrong. */
import {
  doctor as examine,
  examineDevice,
  isOutage,
  type Check,
} from '../../../infra/local/index.js';
import { stdoutColours } from '../../terminal/colours.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';
import { textTable } from '../../terminal/tables.js';

export interface DoctorOptions extends CommonOptions {
  /** Checks this device alone, for which no stack is needed. */
  readonly device?: 'cpu' | 'gpu';
}

export async function doctor(context: Context, { device }: DoctorOptions = {}): Promise<ExitCode> {
  const { env } = context;
  const checks = device === undefined ? await examine(env) : await examineDevice(env, device);
  const failed = checks.filter(({ ok }) => !ok);
  if (context.json) printJson(context, { ok: failed.length === 0, checks });
  else context.print(checksText(checks));
  context.say(
    failed.length === 0 ? 'all is well' : `${failed.length} of ${checks.length} checks failed`,
  );
  const hints = [...new Set(failed.flatMap(({ hint }) => hint ?? []))];
  for (const hint of hints) context.say(`next: ${hint}`);
  if (failed.length === 0 && device === undefined) context.next('run mnist-quick');
  return doctorExitCode(failed);
}

function doctorExitCode(failed: readonly Check[]): ExitCode {
  if (failed.length === 0) return exitCodes.ok;
  return failed.some(isOutage) ? exitCodes.dependencyDown : exitCodes.error;
}

function checksText(checks: readonly Check[]): string {
  const rows = checks.map(({ ok, name, detail }) => [
    ok ? stdoutColours.green('ok') : stdoutColours.red('failed'),
    name,
    detail,
  ]);
  return textTable(['', 'check', 'found'], rows, () => false);
}
