/** `up`: starts what is missing of the local stack and says where it is. */
import { up as startStack } from '../../../infra/local/index.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';
import { stackText } from './stack-text.js';

export interface UpOptions extends CommonOptions {
  readonly migrate?: true;
}

export async function up(context: Context, options: UpOptions): Promise<ExitCode> {
  const migrate = options.migrate === true;
  const status = await startStack(context.env, context.say, { migrate });
  if (context.json) printJson(context, status);
  else context.print(stackText(status));
  context.next('run mnist-quick', 'doctor', 'down');
  return exitCodes.ok;
}
