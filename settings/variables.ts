/** Reads the environment: every variable Isthmus knows, its type and range; an unknown ISTHMUS_* name is refused. */
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { UserError } from '../experiment/errors.js';
import { connectionVariables } from './connections/variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().min(1).max(1024);
/** Below it not even the libraries' own buffers find room. */
const megabytes = z.coerce.number().int().min(256).max(1_048_576);
/** Below it no time is left to stop an engine; above it no platform waits. */
const stopSeconds = z.coerce.number().int().min(6).max(3600);
const text = z.string().min(1);

export const variableSchema = z.object({
  ISTHMUS_HOME: text
    .optional()
    .describe('folder of the local stack: data, logs, secrets (default .isthmus/local)'),
  ISTHMUS_DATA_DIR: text
    .optional()
    .describe('folder of the data sets, one subfolder each (default .isthmus/data)'),
  ISTHMUS_DEVICE: z
    .enum(['cpu', 'gpu'])
    .optional()
    .describe('TensorFlow build that set-up installs and engines load (default cpu)'),
  ISTHMUS_DEVICE_FALLBACK: z
    .enum(['cpu'])
    .optional()
    .describe(
      'for ISTHMUS_DEVICE=gpu: cpu lets engines compute on the CPU where they find no GPU (default: they refuse to start)',
    ),
  ISTHMUS_GPU_MEMORY_MB: megabytes
    .optional()
    .describe(
      'megabytes that each engine reserves on its GPU; needed where engines share one (default: what each needs, when it needs it)',
    ),
  ISTHMUS_GRAPH_DIR: text
    .optional()
    .describe('folder in which engines keep encoded graphs (default: graphs in ISTHMUS_HOME)'),
  ISTHMUS_SLOTS: count
    .optional()
    .describe(
      'engine processes of a worker; changes no result (default: one per core, at most 8 and one per 2 GiB of memory; one per visible GPU)',
    ),
  ISTHMUS_THREADS_PER_SLOT: count
    .optional()
    .describe(
      'threads of each engine; decides bits (default: 1 for small networks, all cores for large ones and on a GPU)',
    ),
  ISTHMUS_STOP_BUDGET: stopSeconds
    .optional()
    .describe('seconds from SIGTERM to the end of a worker (default 18)'),
  ISTHMUS_TEMPORAL_PORT: port.optional().describe('port of the local Temporal server; 0: any'),
  ISTHMUS_TEMPORAL_UI_PORT: port.optional().describe('port of the local Temporal UI; 0: any'),
  ISTHMUS_POSTGRES_PORT: port.optional().describe('port of the local Postgres; 0: any'),
  ISTHMUS_S3_PORT: port.optional().describe('port of the local S3 server; 0: any'),
  ISTHMUS_DEBUG: text.optional().describe('show where an error happened, like --verbose'),
  ...connectionVariables,
});

export type Variables = Readonly<z.infer<typeof variableSchema>>;

const knownNames: readonly string[] = Object.keys(variableSchema.shape);

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
  const parsed = variableSchema.safeParse(Object.fromEntries(named));
  if (parsed.success) return parsed.data;
  throw new UserError('usage', parsed.error.issues.map(describe).join('; '), {
    cause: parsed.error,
  });
}
