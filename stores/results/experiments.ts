/** Writes experiments: the configuration, the runs it asks for and what each run needs. */
import type { Prisma } from '#prisma';
import { UserError } from '../../experiment/errors.js';
import type { Plan } from '../../experiment/plan.js';
import type { ExperimentState } from '../../experiment/records.js';
import type { ExperimentRow } from '../results-store.js';
import type { Database, Transaction } from './database.js';
import { recordEvents } from './events.js';

/**
 * Several callers may do this at once with the same experiment or with shared runs: what exists is left alone, and rows
 * go in by ascending key, so that no two transactions wait for each other.
 */
export async function registerExperiment(db: Database, plan: Plan): Promise<void> {
  await db.$transaction(async (tx) => {
    await upsertExperiment(tx, plan);
    await insertRuns(tx, plan);
    await nameRuns(tx, plan);
    const data = { signature: plan.signature, runs: plan.runs.length };
    await recordEvents(tx, [{ experimentId: plan.id, type: 'experiment.registered', data }]);
  });
}

/** Plain SQL, here and for the runs, so that every time in the database is by the database's clock. */
async function upsertExperiment(tx: Transaction, plan: Plan): Promise<void> {
  const { id, name, signature } = plan;
  const rows = await tx.$queryRaw<{ signature: string }[]>`
    INSERT INTO experiment (id, name, signature, config, state)
    VALUES (${id}, ${name}, ${signature}, ${JSON.stringify(plan.config)}::jsonb, 'running')
    ON CONFLICT (id) DO UPDATE SET state = 'running', finished_at = NULL
    RETURNING signature`;
  const known = rows[0]?.signature;
  if (known === signature) return;
  throw new UserError(
    'failed',
    `experiment ${id} exists with signature ${known}, not ${signature}`,
    {
      hint: 'give the new one another name',
    },
  );
}

async function insertRuns(tx: Transaction, { runs }: Plan): Promise<void> {
  const rows = runs.map(({ key, queue, spec }) => ({ key, kind: spec.kind, queue, spec }));
  await tx.$executeRaw`
    INSERT INTO run (key, kind, queue, spec)
    SELECT key, kind, queue, spec
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS planned (key text, kind text, queue text, spec jsonb)
    ORDER BY key
    ON CONFLICT (key) DO NOTHING`;
  const byKey = [...runs].sort((a, b) => (a.key < b.key ? -1 : 1));
  await tx.runNeed.createMany({
    data: byKey.flatMap(({ key, needs }) =>
      needs.map(({ role, run }, position) => ({ runKey: key, role, position, inputKey: run })),
    ),
    skipDuplicates: true,
  });
}

/** Anew each time: where a kind of run has a new semantic version, the same configuration asks for other runs. */
async function nameRuns(tx: Transaction, { id: experimentId, runs }: Plan): Promise<void> {
  await tx.experimentRun.deleteMany({ where: { experimentId } });
  await tx.experimentRun.createMany({
    data: runs.map(({ key: runKey, name, curve, summary }, position) => ({
      experimentId,
      runKey,
      position,
      name,
      curve,
      summary,
    })),
  });
}

export async function setExperimentState(
  db: Database,
  id: string,
  state: ExperimentState,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const changed = await tx.$executeRaw`
      UPDATE experiment
      SET state = ${state}::experiment_state, finished_at = CASE WHEN ${state} = 'running' THEN NULL ELSE now() END
      WHERE id = ${id}`;
    if (changed === 0) throw new UserError('bad-input', `no experiment has the id ${id}`);
    await recordEvents(tx, [{ experimentId: id, type: 'experiment.state', data: { state } }]);
  });
}

type StoredExperiment = Prisma.ExperimentGetPayload<object>;

/** Newest first. */
export async function listExperiments(db: Database): Promise<readonly ExperimentRow[]> {
  const rows = await db.experiment.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] });
  return rows.map(experimentRow);
}

export async function findExperiment(
  db: Database,
  idOrPrefix: string,
): Promise<ExperimentRow | null> {
  const fitting = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM experiment WHERE starts_with(id, ${idOrPrefix}) ORDER BY id`;
  const exact = fitting.find(({ id }) => id === idOrPrefix);
  if (exact === undefined && fitting.length > 1) {
    const ids = fitting.map(({ id }) => id).join(', ');
    throw new UserError('bad-input', `"${idOrPrefix}" fits ${fitting.length} experiments: ${ids}`, {
      hint: 'write more of the id',
    });
  }
  const id = (exact ?? fitting[0])?.id;
  const stored = id === undefined ? null : await db.experiment.findUnique({ where: { id } });
  return stored && experimentRow(stored);
}

/** The configuration was checked before it was written. */
function experimentRow(stored: StoredExperiment): ExperimentRow {
  return { ...stored, config: stored.config as unknown as ExperimentRow['config'] };
}
