/** Schemas of the records that cross a door: a process boundary, or the object store. */
import { z } from 'zod';
import { absenceNames, isResult, resultReasons, type Absent } from './quantity.js';
import type { Environment, MetricRow, Outputs } from './records.js';

export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hex');

export const artifactSchema = z.strictObject({ digest: digestSchema, bytes: z.int().min(0) });

export const outputsSchema = z.record(z.string(), artifactSchema) satisfies z.ZodType<Outputs>;

const gpuSchema = z.strictObject({
  card: z
    .strictObject({
      name: z.string(),
      uuid: z.string(),
      mig: z.strictObject({ profile: z.string(), uuid: z.string() }).nullable(),
      driver: z.string(),
      memoryMb: z.int().nullable(),
    })
    .nullable(),
  libraries: z.record(z.string(), z.string()),
  switches: z.record(z.string(), z.string()),
});

export const environmentSchema = z.strictObject({
  isthmus: z.string(),
  node: z.string(),
  tensorflow: z.string(),
  tfjs: z.string(),
  device: z.string(),
  cpu: z.string(),
  threads: z.int().min(1),
  gpu: gpuSchema.optional(),
  otherMachine: z.string().optional(),
}) satisfies z.ZodType<Environment>;

const place = { series: z.string().min(1), x: z.number() };
/** zod's own number refuses NaN and infinities. */
const noNumber = z.custom<number>((value) => typeof value === 'number' && !Number.isFinite(value));
const notThere = z.custom<number>((value) => Number.isNaN(value));
const gaps = absenceNames.filter((name): name is Absent['reason'] => !isResult(name));
const count = z.int().min(0);

/** A finite number, or something else with its reason and its n: nothing else is ever stored. */
export const metricRowSchema = z.union([
  z.strictObject({ ...place, value: z.number(), n: count.optional() }),
  z.strictObject({ ...place, value: noNumber, n: count, reason: z.enum(resultReasons) }),
  z.strictObject({ ...place, value: notThere, n: count, reason: z.enum(gaps) }),
]) satisfies z.ZodType<MetricRow>;
