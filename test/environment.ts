/** The caller's environment without what leads a test to another stack than its own, or colours its output. */
import { delimiter, join } from 'node:path';
import type { Environment } from '../settings/variables.js';

const foreign = /^(FORCE_COLOR$|ISTHMUS_|TEMPORAL_|AWS_(?!SDK_)|DATABASE_URL$|PG)|_proxy$/i;

/** Holds a `node` that fails, so that no program starts with another Node than its parent's. */
const otherNode = join(import.meta.dirname, 'other-node');

export function cleanEnv(): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const PATH = [otherNode, process.env['PATH']].join(delimiter);
  return { ...(Object.fromEntries(entries) as Record<string, string>), PATH };
}

/** A stack of its own in `home`, on any free ports. */
export function freeStackEnv(home: string): Environment {
  return {
    ...cleanEnv(),
    ISTHMUS_HOME: home,
    ISTHMUS_TEMPORAL_PORT: '0',
    ISTHMUS_TEMPORAL_UI_PORT: '0',
    ISTHMUS_POSTGRES_PORT: '0',
    ISTHMUS_S3_PORT: '0',
  };
}
