/** `up`: starts what is missing of the local stack and says where it is. */
import { up as startStack } from '../../infra/stack/index.js';
import { printJson, type Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { stackText } from '../stack-text.js';

export async function up(context: Context): Promise<ExitCode> {
  const status = await startStack(context.env, context.say);
  if (context.json) printJson(context, status);
  else context.print(stackText(status));
  context.next('run mnist-quick', 'doctor', 'down');
  return exitCodes.ok;
}
