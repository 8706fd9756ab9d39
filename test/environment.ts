/** The caller's environment without what leads a test to another stack than its own, or colours its output. */
import type { Environment } from '../settings/variables.js';

const foreign = /^(FORCE_COLOR$|ISTHMUS_|TEMPORAL_|AWS_(?!SDK_)|DATABASE_URL$|PG)|_proxy$/i;

export function cleanEnv(): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return Object.fromEntries(entries) as Record<string, string>;
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
