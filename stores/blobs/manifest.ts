/** Encodes and decodes the manifest of a run as stored in the object store. */
import { z } from 'zod';
import {
  digestSchema,
  environmentSchema,
  outputsSchema,
} from '../../experiment/records/record-schemas.js';
import type { RunManifest } from '../../experiment/records/records.js';

/** Fields that every reader relies on. */
const manifestSchema = z.object({
  format: z.literal('isthmus.run/1'),
  run: z.object({
    key: digestSchema,
    name: z.string(),
    queue: z.enum(['cpu', 'gpu']),
    curve: z.string().nullable(),
    summary: z.string(),
    needs: z.array(z.object({ role: z.string(), run: digestSchema })),
    spec: z.looseObject({ kind: z.string() }),
  }),
  inputs: z.array(z.object({ role: z.string(), run: digestSchema, outputs: outputsSchema })),
  outputs: outputsSchema,
  environment: environmentSchema,
});

export function encodeManifest(manifest: RunManifest): Uint8Array {
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

/** Throws if the bytes are no manifest. Who computes a kind of run checks its fields. */
export function decodeManifest(bytes: Uint8Array): RunManifest {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  return manifestSchema.parse(value) as unknown as RunManifest;
}
