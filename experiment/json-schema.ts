/** JSON Schema of the experiment file, from the same source as its check: for editors and other programs. */
import { z } from 'zod';
import { experimentSchema } from './config.js';

/** What may be written: fields with a default are optional. */
export function experimentJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(experimentSchema, { io: 'input' });
  return { title: 'Isthmus experiment', ...schema };
}
