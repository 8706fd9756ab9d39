/** Schemas of the records that cross a door: a process boundary, or the object store. */
import { z } from 'zod';
import type { Environment, Outputs } from './records.js';

export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hex');

export const artifactSchema = z.strictObject({ digest: digestSchema, bytes: z.int().min(0) });

export const outputsSchema = z.record(z.string(), artifactSchema) satisfies z.ZodType<Outputs>;

export const environmentSchema = z.strictObject({
  isthmus: z.string(),
  node: z.string(),
  tensorflow: z.string(),
  tfjs: z.string(),
  device: z.string(),
  cpu: z.string(),
  threads: z.int().min(1),
}) satisfies z.ZodType<Environment>;
