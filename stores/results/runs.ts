/** Reads runs back as they were planned, with their state and what they left behind. */
import type { Prisma } from '#prisma';
import type { Environment, FailureType, Outputs } from '../../experiment/records.js';
import type { PlannedRun, Role, RunKey, RunSpec, WorkQueue } from '../../experiment/runs.js';
import type { RunRow } from '../results-store.js';
import type { Database } from './database.js';

const everything = {
  needs: { orderBy: { position: 'asc' } },
  outputs: { include: { artifact: true }, orderBy: { name: 'asc' } },
  attempts: { where: { outcome: 'done' } },
} as const satisfies Prisma.RunInclude;

type StoredRun = Prisma.RunGetPayload<{ include: typeof everything }>;
/** What one experiment calls a run. */
type Naming = Pick<PlannedRun, 'name' | 'curve' | 'summary'>;

export async function runsOf(db: Database, experimentId: string): Promise<readonly RunRow[]> {
  const rows = await db.experimentRun.findMany({
    where: { experimentId },
    orderBy: { position: 'asc' },
    include: { run: { include: everything } },
  });
  return rows.map((row) => runRow(row.run, row));
}

/** In the order of the keys, under the names of the first experiment by id that still has them. */
export async function findRuns(db: Database, keys: readonly RunKey[]): Promise<readonly RunRow[]> {
  const stored = await db.run.findMany({
    where: { key: { in: [...keys] } },
    include: { ...everything, experiments: { orderBy: { experimentId: 'asc' } } },
  });
  const rows = new Map(
    stored.map(({ experiments: [naming], ...run }) => [
      run.key,
      runRow(run, naming ?? unnamed(run)),
    ]),
  );
  return [...new Set(keys)].flatMap((key) => rows.get(key) ?? []);
}

/** A run of a former version of an experiment: its result still counts. */
function unnamed({ kind, key }: { readonly kind: string; readonly key: RunKey }): Naming {
  return { name: `${kind}/${key.slice(0, 10)}`, curve: null, summary: kind };
}

function runRow(stored: StoredRun, naming: Naming): RunRow {
  const { state, epoch, failureType, failureMessage, reason, startedAt, finishedAt } = stored;
  const failure =
    failureType === null
      ? null
      : { type: failureType as FailureType, message: failureMessage ?? '' };
  const environment = (stored.attempts[0]?.environment ?? null) as Environment | null;
  const run = plannedRun(stored, naming);
  return {
    ...{ run, state, epoch, failure, reason },
    ...{ outputs: outputsOf(stored), environment, startedAt, finishedAt },
  };
}

/** Everything in it was written from a planned run. */
function plannedRun(stored: StoredRun, { name, curve, summary }: Naming): PlannedRun {
  return {
    key: stored.key,
    name,
    queue: stored.queue as WorkQueue,
    curve,
    summary,
    needs: stored.needs.map(({ role, inputKey }) => ({ role: role as Role, run: inputKey })),
    spec: stored.spec as unknown as RunSpec,
  };
}

function outputsOf({ outputs }: StoredRun): Outputs {
  return Object.fromEntries(
    outputs.map(({ name, artifact: { digest, bytes } }) => [
      name,
      { digest, bytes: Number(bytes) },
    ]),
  );
}
