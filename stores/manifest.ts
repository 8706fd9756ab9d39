/** The manifest of a run as the bytes that stand in the object store. */
import { z } from 'zod';
import type { RunManifest } from '../experiment/records.js';

const hex = z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hex');
const outputs = z.record(z.string(), z.object({ digest: hex, bytes: z.int().min(0) }));

/** What every reader relies on. */
const manifestSchema = z.object({
  format: z.literal('isthmus.run/1'),
  run: z.object({
    key: hex,
    name: z.string(),
    queue: z.enum(['cpu', 'gpu']),
    curve: z.string().nullable(),
    summary: z.string(),
    needs: z.array(z.object({ role: z.string(), run: hex })),
    spec: z.looseObject({ kind: z.string() }),
  }),
  inputs: z.array(z.object({ role: z.string(), run: hex, outputs })),
  outputs,
  environment: z.object({
    isthmus: z.string(),
    node: z.string(),
    tensorflow: z.string(),
    tfjs: z.string(),
    device: z.string(),
    cpu: z.string(),
    threads: z.int().min(1),
  }),
});

export function encodeManifest(manifest: RunManifest): Uint8Array {
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

/** Throws if the bytes are no manifest. Who computes a kind of run checks its fields. */
export function decodeManifest(bytes: Uint8Array): RunManifest {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  return manifestSchema.parse(value) as unknown as RunManifest;
}
