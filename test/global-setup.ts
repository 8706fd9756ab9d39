/** Starts one stack without a worker for all tests, on free ports, and removes it with its data afterwards. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { generatedDir } from '../settings/paths.js';
import { down, up } from '../infra/local/index.js';
import { cleanEnv, freeStackEnv } from './environment.js';

declare module 'vitest' {
  export interface ProvidedContext {
    stackHome: string;
  }
}

const folder = join(generatedDir, 'test');
const quiet = (): void => undefined;

async function removeStack(home: string): Promise<void> {
  await down({ ...cleanEnv(), ISTHMUS_HOME: home }, quiet);
  rmSync(home, { recursive: true, force: true });
}

/** What a killed test run left behind. */
async function removeLeftovers(): Promise<void> {
  const left = readdirSync(folder).filter((name) => {
    const pid = /^stack-(\d+)$/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
  for (const name of left) await removeStack(join(folder, name));
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true });
  await removeLeftovers();
  const home = join(folder, `stack-${process.pid}`);
  try {
    await up(freeStackEnv(home), quiet, { parts: ['temporal', 'postgres', 's3'] });
  } catch (error) {
    await removeStack(home);
    throw error;
  }
  project.provide('stackHome', home);
  return () => removeStack(home);
}
