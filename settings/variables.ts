/** Reads the environment: every variable Isthmus knows, its type and range; an unknown ISTHMUS_* name is refused. */
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { UserError } from '../experiment/errors.js';
import { connectionVariables } from './connections/variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** 0 asks for any free port. */
const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().min(1).max(1024);
/** Below it no time is left to stop an engine; above it no platform waits. */
const stopSeconds = z.coerce.number().int().min(6).max(3600);
const text = z.string().min(1);

const variables = z.object({
  /** Where the local stack keeps data, logs and secrets. */
  ISTHMUS_HOME: text.optional(),
  /** Which TensorFlow build the engines load. */
  ISTHMUS_DEVICE: z.enum(['cpu', 'gpu']).optional(),
  /** Engines of one worker. */
  ISTHMUS_SLOTS: count.optional(),
  ISTHMUS_THREADS_PER_SLOT: count.optional(),
  /** Seconds from SIGTERM to the end of a worker. */
  ISTHMUS_STOP_BUDGET: stopSeconds.optional(),
  /** Folder with the data sets' files. */
  ISTHMUS_DATA_DIR: text.optional(),
  ISTHMUS_TEMPORAL_PORT: port.optional(),
  ISTHMUS_TEMPORAL_UI_PORT: port.optional(),
  ISTHMUS_POSTGRES_PORT: port.optional(),
  ISTHMUS_S3_PORT: port.optional(),
  /** Shows where an error happened, like --verbose. */
  ISTHMUS_DEBUG: text.optional(),
  ...connectionVariables,
});

export type Variables = Readonly<z.infer<typeof variables>>;

const knownNames: readonly string[] = Object.keys(variables.shape);

function nearestName(name: string): string {
  const own = knownNames.filter((known) => known.startsWith('ISTHMUS_'));
  return own.reduce((best, known) => (distance(name, known) < distance(name, best) ? known : best));
}

function refuseUnknown(env: Environment): void {
  const unknown = Object.keys(env).find(
    (name) => name.startsWith('ISTHMUS_') && !knownNames.includes(name),
  );
  if (unknown === undefined) return;
  throw new UserError(
    'usage',
    `unknown variable ${unknown}; did you mean ${nearestName(unknown)}?`,
  );
}

/** The value itself is never repeated: DATABASE_URL holds a password. */
function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`;
}

export function readVariables(env: Environment): Variables {
  refuseUnknown(env);
  const named = knownNames.map((name) => [name, env[name] === '' ? undefined : env[name]] as const);
  const parsed = variables.safeParse(Object.fromEntries(named));
  if (parsed.success) return parsed.data;
  throw new UserError('usage', parsed.error.issues.map(describe).join('; '), {
    cause: parsed.error,
  });
}
