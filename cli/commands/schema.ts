/** `schema`: prints the JSON Schema of the experiment file. */
import { experimentJsonSchema } from '../../experiment/file/json-schema.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';

export function schema(context: Context): ExitCode {
  printJson(context, experimentJsonSchema());
  context.say(
    'first line of a file for editors: # yaml-language-server: $schema=<path of this schema>',
  );
  context.next('plan FILE');
  return exitCodes.ok;
}
