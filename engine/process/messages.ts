/** Messages of an engine process, parsed so that a broken engine cannot write nonsense into the stores. */
import { z } from 'zod';
import {
  artifactSchema,
  environmentSchema,
  metricRowSchema,
  outputsSchema,
} from '../../experiment/records/record-schemas.js';
import { failureTypes, type EngineMessage } from '../../experiment/records/records.js';

const count = z.number().min(0);

const message = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), environment: environmentSchema }),
  z.strictObject({ type: z.literal('progress'), step: count, total: count, phase: z.string() }),
  z.strictObject({
    type: z.literal('metrics'),
    rows: z.array(metricRowSchema),
  }),
  z.strictObject({
    type: z.literal('resumed'),
    resumption: z.strictObject({
      step: count,
      refused: z.array(z.strictObject({ step: count, digest: z.string(), why: z.string() })),
      otherMachine: z.string().nullable(),
    }),
  }),
  z.strictObject({
    type: z.literal('checkpoint'),
    checkpoint: z.strictObject({ step: count, total: count, blob: artifactSchema }),
  }),
  z.strictObject({ type: z.literal('checkpoint-delayed'), step: count, why: z.string() }),
  z.strictObject({
    type: z.literal('done'),
    outputs: outputsSchema,
    tensorsLeft: z.number(),
    rssBytes: count,
    otherMachine: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('failed'),
    failure: z.strictObject({ type: z.enum(failureTypes), message: z.string() }),
  }),
]);

/** Null when the message is none that an engine may send. */
export function parseEngineMessage(value: unknown): EngineMessage | null {
  const parsed = message.safeParse(value);
  return parsed.success ? parsed.data : null;
}
