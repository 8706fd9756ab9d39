/** `down`: stops the local stack and keeps its data. */
import { down as stopStack } from '../../../infra/local/index.js';
import { printJson, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';

export async function down(context: Context): Promise<ExitCode> {
  await stopStack(context.env, context.say);
  if (context.json) printJson(context, { state: 'down' });
  context.next('up');
  return exitCodes.ok;
}
