/** Parts of the local stack in start order, and which of them environment variables replace. */
import { homeFolder } from '../../settings/settings.js';
import type { Variables } from '../../settings/variables.js';
import type { Part, PartName } from './part.js';
import { postgres } from './postgres.js';
import { s3 } from './s3.js';
import { readStackPorts } from '../../settings/local/stack-file.js';
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
  const elsewhere = named.filter(([, variable]) => variables[variable] !== undefined);
  return new Map(elsewhere.filter(([part]) => part !== 'temporal' || !isOwnTemporal(variables)));
}

/** `isthmus env` exports the local address for other programs: with it in a shell the stack is still our own. */
function isOwnTemporal(variables: Variables): boolean {
  const ports = readStackPorts(homeFolder(variables));
  return ports !== undefined && variables.TEMPORAL_ADDRESS === `127.0.0.1:${ports.temporal}`;
}
