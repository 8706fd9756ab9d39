/** The running stack, for tests: what `loadSettings` and a started `./isthmus` need to reach it. */
import { inject } from 'vitest';
import { cleanEnv } from './environment.js';

export function stackEnv(): Readonly<Record<string, string>> {
  return { ...cleanEnv(), ISTHMUS_HOME: inject('stackHome') };
}
