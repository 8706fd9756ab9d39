/** The local stack's record of its own ports (`stack.json`), so that every command finds what `up` started. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../experiment/errors.js';

const port = z.int().min(1).max(65_535);

const portsSchema = z.strictObject({
  temporal: port,
  temporalUi: port,
  temporalHttp: port,
  temporalMetrics: port,
  postgres: port,
  s3: port,
  s3Grpc: port,
  s3Master: port,
  s3MasterGrpc: port,
  s3Volume: port,
  s3VolumeGrpc: port,
  s3Filer: port,
  s3FilerGrpc: port,
  s3Admin: port,
  s3AdminGrpc: port,
});

const stackSchema = z.strictObject({ version: z.literal(1), ports: portsSchema });

export type StackPorts = Readonly<z.infer<typeof portsSchema>>;
export type PortName = keyof StackPorts;
export const portNames = Object.keys(portsSchema.shape) as readonly PortName[];

function stackFilePath(home: string): string {
  return join(home, 'stack.json');
}

/** Undefined where no stack was ever started. */
export function readStackPorts(home: string): StackPorts | undefined {
  const path = stackFilePath(home);
  if (!existsSync(path)) return undefined;
  try {
    return stackSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).ports;
  } catch (cause) {
    throw new UserError('bad-input', `${path} is not a stack file`, {
      cause,
      hint: `./isthmus down, then remove ${path} and run ./isthmus up`,
    });
  }
}

export function writeStackPorts(home: string, ports: StackPorts): void {
  const path = stackFilePath(home);
  writeFileSync(`${path}.tmp`, `${JSON.stringify({ version: 1, ports }, undefined, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}
