/** Writes attempts at runs; a write of any but the newest attempt is refused under the run's own row lock. */
import type { Prisma } from '#prisma';
import type {
  Environment,
  Outputs,
  RunFailure,
  RunInput,
  RunState,
} from '../../experiment/records.js';
import type { RunKey } from '../../experiment/runs.js';
import { StaleAttemptError } from '../results-store.js';
import type { Database, Transaction } from './database.js';
import { recordEvents } from './events.js';

export type Claim = { readonly done: true } | { readonly done: false; readonly epoch: number };

/** The update's row lock puts callers in a queue, each of which sees what the one before it wrote. */
export async function beginAttempt(db: Database, key: RunKey, worker: string): Promise<Claim> {
  return db.$transaction(async (tx) => {
    const [claimed] = await tx.$queryRaw<{ epoch: number }[]>`
      UPDATE run
      SET epoch = epoch + 1, state = 'running', started_at = now(), finished_at = NULL,
          failure_type = NULL, failure_message = NULL, reason = NULL
      WHERE key = ${key} AND state <> 'done'
      RETURNING epoch`;
    if (claimed === undefined) return doneOrUnregistered(tx, key);
    const { epoch } = claimed;
    await tx.$executeRaw`
      UPDATE attempt SET outcome = 'superseded', ended_at = now() WHERE run = ${key} AND outcome IS NULL`;
    await tx.$executeRaw`INSERT INTO attempt (run, epoch, worker) VALUES (${key}, ${epoch}, ${worker})`;
    await recordEvents(tx, [{ runKey: key, type: 'run.attempt', data: { epoch, worker } }]);
    return { done: false, epoch };
  });
}

async function doneOrUnregistered(tx: Transaction, key: RunKey): Promise<Claim> {
  const run = await tx.run.findUnique({ where: { key }, select: { key: true } });
  if (run === null) throw unregistered(key);
  return { done: true };
}

export interface Result {
  readonly outputs: Outputs;
  readonly inputs: readonly RunInput[];
  readonly environment: Environment | null;
}

export async function completeRun(
  db: Database,
  key: RunKey,
  epoch: number,
  result: Result,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const state = await lockNewest(tx, key, epoch);
    if (state === 'done') return;
    await insertArtifacts(tx, key, result);
    await tx.$executeRaw`
      UPDATE run SET state = 'done', finished_at = now(), failure_type = NULL, failure_message = NULL, reason = NULL
      WHERE key = ${key}`;
    const environment = result.environment && JSON.stringify(result.environment);
    await tx.$executeRaw`
      UPDATE attempt SET outcome = 'done', ended_at = now(), environment = ${environment}::jsonb
      WHERE run = ${key} AND epoch = ${epoch}`;
    const outputs = Object.keys(result.outputs);
    await recordEvents(tx, [{ runKey: key, type: 'run.done', data: { epoch, outputs } }]);
  });
}

export async function endAttempt(
  db: Database,
  key: RunKey,
  epoch: number,
  state: Extract<RunState, 'failed' | 'interrupted' | 'cancelled'>,
  failure: RunFailure | null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    if ((await lockNewest(tx, key, epoch)) !== 'running') return;
    const { type = null, message = null } = failure ?? {};
    await tx.$executeRaw`
      UPDATE run
      SET state = ${state}::run_state, finished_at = now(), failure_type = ${type}, failure_message = ${message}
      WHERE key = ${key}`;
    await tx.$executeRaw`
      UPDATE attempt SET outcome = ${state}::attempt_outcome, ended_at = now()
      WHERE run = ${key} AND epoch = ${epoch}`;
    const data = { epoch, state, failure: failure === null ? null : { ...failure } };
    await recordEvents(tx, [{ runKey: key, type: 'run.ended', data }]);
  });
}

/** Locks the rows by ascending key, so that two callers with common runs never wait for each other. */
export async function markUnstarted(
  db: Database,
  keys: readonly RunKey[],
  state: Extract<RunState, 'blocked' | 'cancelled' | 'queued'>,
  reason: string | null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const marked = await tx.$queryRaw<{ key: string }[]>`
      UPDATE run
      SET state = ${state}::run_state, reason = ${reason}, failure_type = NULL, failure_message = NULL,
          finished_at = CASE WHEN ${state} = 'queued' THEN NULL ELSE now() END
      FROM (
        SELECT key FROM run
        WHERE key = ANY(${[...keys]}::text[]) AND state NOT IN ('running', 'done')
        ORDER BY key FOR NO KEY UPDATE
      ) AS unstarted
      WHERE run.key = unstarted.key
      RETURNING run.key`;
    await recordEvents(
      tx,
      marked.map(({ key }) => ({ runKey: key, type: 'run.unstarted', data: { state, reason } })),
    );
  });
}

/** Until the transaction ends no other attempt can begin. */
async function lockNewest(tx: Transaction, key: RunKey, epoch: number): Promise<RunState> {
  const [run] = await tx.$queryRaw<{ epoch: number; state: RunState }[]>`
    SELECT epoch, state::text FROM run WHERE key = ${key} FOR NO KEY UPDATE`;
  if (run === undefined) throw unregistered(key);
  if (run.epoch !== epoch) throw stale(key, epoch, run.epoch);
  return run.state;
}

export function stale(key: RunKey, epoch: number, newest: number): StaleAttemptError {
  return new StaleAttemptError(
    `run ${key}: attempt ${epoch} may not write, attempt ${newest} is the newest`,
  );
}

export function unregistered(key: RunKey): Error {
  return new Error(`run ${key} is not registered: register its experiment first`);
}

/** Artifacts by ascending digest, so that two transactions with common ones never wait for each other. */
async function insertArtifacts(tx: Transaction, key: RunKey, result: Result): Promise<void> {
  const outputs = Object.entries(result.outputs).map(([name, ref]) => ({ name, ref }));
  const inputs = result.inputs.flatMap(({ role, outputs: used }) =>
    Object.entries(used).map(([name, ref]) => ({ role, name, ref })),
  );
  const artifacts: Prisma.ArtifactCreateManyInput[] = [...outputs, ...inputs]
    .map(({ ref: { digest, bytes } }) => ({ digest, bytes }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  await tx.artifact.createMany({ data: artifacts, skipDuplicates: true });
  await tx.runOutput.createMany({
    data: outputs.map(({ name, ref }) => ({ runKey: key, name, digest: ref.digest })),
  });
  await tx.runInput.createMany({
    data: inputs.map(({ role, name, ref }) => ({ runKey: key, role, name, digest: ref.digest })),
  });
}
