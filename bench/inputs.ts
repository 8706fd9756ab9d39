/** The files of weights and images: made once by the engine, kept, and read by every side. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchDir } from './folders.js';
import type { Peer } from './peers/peer.js';
import type { TimedModel } from './request.js';

/** Raise it when `isthmus/inputs.ts` makes something else. */
const version = 1;

export async function makeInputs(own: Peer, model: TimedModel): Promise<string> {
  const inputs = join(benchDir, `inputs-${version}`, `${model}.safetensors`);
  if (!existsSync(inputs)) await own.ask({ command: 'inputs', model, inputs });
  return inputs;
}
