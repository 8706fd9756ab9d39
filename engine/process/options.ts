/** Start options of an engine, passed by the worker in one environment variable. */
import { z } from 'zod';

/** An environment variable: arguments would show the S3 secret to every user of the machine. */
export const optionsVariable = 'ENGINE_OPTIONS';

const options = z.strictObject({
  s3: z.strictObject({
    endpoint: z.string().optional(),
    region: z.string().optional(),
    bucket: z.string(),
    /** Without keys the engine's SDK finds the same credentials as the worker's. */
    accessKeyId: z.string().optional(),
    secretAccessKey: z.string().optional(),
    sessionToken: z.string().optional(),
    forcePathStyle: z.boolean(),
    caBundle: z.string().optional(),
    maxAttempts: z.int().optional(),
  }),
  dataDir: z.string(),
  /** For checkpoints that the object store has not taken yet. */
  checkpointDir: z.string(),
  /** For encoded graphs. */
  graphDir: z.string(),
  /** Where it writes instead of S3, when its results are for comparison only. */
  scratchDir: z.string().optional(),
  device: z.enum(['cpu', 'gpu']),
  /** Device to compute on where it finds no GPU; absent: it ends. */
  fallback: z.literal('cpu').optional(),
  threads: z.int().min(1),
  /** Semantic versions of the worker's code, by kind of run. */
  versions: z.record(z.string(), z.int()),
});

export type EngineOptions = Readonly<z.infer<typeof options>>;

export function readEngineOptions(env: NodeJS.ProcessEnv): EngineOptions {
  const text = env[optionsVariable];
  if (text === undefined) throw new Error('an engine is started by a worker, not by hand');
  return options.parse(JSON.parse(text));
}
