/** The parts of a stack in the order they start, and which of them a deployment's variables replace. */
import type { Variables } from '../variables.js';
import type { Part, PartName } from './part.js';
import { postgres } from './postgres.js';
import { s3 } from './s3.js';
import { temporal } from './temporal.js';
import { worker } from './worker.js';

export const servers: readonly Part[] = [temporal, postgres, s3];
export const parts: readonly Part[] = [...servers, worker];

/** The variable that names a part elsewhere, by part. */
export function externalParts(variables: Variables): ReadonlyMap<PartName, string> {
  const named: readonly (readonly [PartName, keyof Variables])[] = [
    ['temporal', 'TEMPORAL_ADDRESS'],
    ['postgres', 'DATABASE_URL'],
    ['s3', 'ISTHMUS_S3_ENDPOINT'],
    ['s3', 'ISTHMUS_S3_BUCKET'],
  ];
  return new Map(named.filter(([, variable]) => variables[variable] !== undefined));
}
