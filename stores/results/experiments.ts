/** Writes experiments: configuration, runs and their dependencies. */
import { UserError } from '../../experiment/errors.js';
import type { Plan } from '../../experiment/plan/plan.js';
import { digestOfRuns } from '../../experiment/plan/keys.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import type { ExperimentRow } from './results-store.js';
import type { Database, Reader, Transaction } from './queries.js';
import { recordEvents } from './events.js';
import { sha256 } from '../sha256.js';

/**
 * Several callers may do this at once with the same experiment or with shared runs: what exists is left alone, and rows
 * go in by ascending key, so that no two transactions wait for each other.
 */
export async function registerExperiment(db: Database, plan: Plan): Promise<void> {
  const digest = planDigest(plan);
  const wide = plan.runs.length >= wideRuns;
  const written = await db.$transaction(async (tx) => {
    const known = await upsertExperiment(tx, plan);
    await tx.$executeRaw`UPDATE experiment_run SET held = false WHERE experiment = ${plan.id} AND held`;
    if (known === digest) return false;
    await insertRuns(tx, plan);
    await nameRuns(tx, plan);
    await tx.$executeRaw`UPDATE experiment SET plan = ${digest} WHERE id = ${plan.id}`;
    const data = { signature: plan.signature, runs: plan.runs.length };
    await recordEvents(tx, [{ experimentId: plan.id, type: 'experiment.registered', data }]);
    return true;
  }, patience);
  if (written && wide) await db.$executeRaw`ANALYZE run, run_need, experiment_run`;
}

/** So many new rows make the planner's statistics wrong until Postgres gets round to them by itself. */
const wideRuns = 1000;
const runsPerStatement = 5000;
/** A hundred thousand runs go in in one transaction, each statement of which is bounded by itself. */
const patience = { timeout: 10 * 60_000 };

/** Digest of the rows that name the runs: if it equals the stored one, there is nothing to write. */
function planDigest(plan: Plan): string {
  return digestOfRuns(plan, sha256);
}

/** Answers with the digest of the plan whose runs are stored. Its lock makes callers with the same experiment wait. */
async function upsertExperiment(tx: Transaction, plan: Plan): Promise<string> {
  const { id, name, signature } = plan;
  const [known] = await tx.$queryRaw<{ signature: string; plan: string }[]>`
    INSERT INTO experiment (id, name, signature, config, state)
    VALUES (${id}, ${name}, ${signature}, ${JSON.stringify(plan.config)}::jsonb, 'running')
    ON CONFLICT (id) DO UPDATE SET state = 'running', finished_at = NULL,
      config = CASE WHEN experiment.signature = excluded.signature THEN excluded.config ELSE experiment.config END
    RETURNING signature, plan`;
  if (known?.signature === signature) return known.plan;
  throw new UserError(
    'failed',
    `experiment ${id} exists with signature ${known?.signature}, not ${signature}`,
    {
      hint: 'give the new one another name',
    },
  );
}

/** Plain SQL, here and for the names, so that every time in the database is by the database's clock. */
async function insertRuns(tx: Transaction, { runs }: Plan): Promise<void> {
  const byKey = [...runs].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const page of splitPages(byKey)) {
    await tx.$executeRaw`
      INSERT INTO run (key, kind, queue, spec, version)
      SELECT key, kind, queue, spec, version
      FROM unnest(
        ${page.map(({ key }) => key)}::text[], ${page.map(({ spec }) => spec.kind)}::text[],
        ${page.map(({ queue }) => queue)}::text[], ${page.map(({ spec }) => JSON.stringify(spec))}::text[]::jsonb[],
        ${page.map(({ spec }) => semanticVersions[spec.kind])}::integer[]
      ) AS planned (key, kind, queue, spec, version)
      ORDER BY key
      ON CONFLICT (key) DO NOTHING`;
  }
  const needs = byKey.flatMap(({ key, needs: of }) =>
    of.map(({ role, run }, position) => ({ key, role, position, run })),
  );
  for (const page of splitPages(needs)) {
    await tx.$executeRaw`
      INSERT INTO run_need (run, role, position, input)
      SELECT * FROM unnest(
        ${page.map(({ key }) => key)}::text[], ${page.map(({ role }) => role)}::text[],
        ${page.map(({ position }) => position)}::integer[], ${page.map(({ run }) => run)}::text[])
      ON CONFLICT (run, role) DO NOTHING`;
  }
}

/** Anew: where a kind of run has a new semantic version, the same configuration asks for other runs. */
async function nameRuns(tx: Transaction, { id, runs }: Plan): Promise<void> {
  await tx.$executeRaw`DELETE FROM experiment_run WHERE experiment = ${id}`;
  let before = 0;
  for (const page of splitPages(runs)) {
    await tx.$executeRaw`
      INSERT INTO experiment_run (experiment, run, position, name, curve, summary)
      SELECT ${id}, run, ${before} + place - 1, name, curve, summary
      FROM unnest(
        ${page.map(({ key }) => key)}::text[], ${page.map(({ name }) => name)}::text[],
        ${page.map(({ curve }) => curve)}::text[], ${page.map(({ summary }) => summary)}::text[]
      ) WITH ORDINALITY AS named (run, name, curve, summary, place)`;
    before += page.length;
  }
}

function* splitPages<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += runsPerStatement) {
    yield rows.slice(start, start + runsPerStatement);
  }
}

/** Newest first. Plain SQL: compiling Prisma's first query would cost a command more than all the rest. */
export async function listExperiments(db: Reader): Promise<readonly ExperimentRow[]> {
  return db.$queryRaw<ExperimentRow[]>`
    SELECT id, name, signature, config, plan, state::text, created_at AS "createdAt", finished_at AS "finishedAt"
    FROM experiment ORDER BY created_at DESC, id`;
}

export async function findExperiment(
  db: Reader,
  idOrPrefix: string,
): Promise<ExperimentRow | null> {
  const fitting = await db.$queryRaw<ExperimentRow[]>`
    SELECT id, name, signature, config, plan, state::text, created_at AS "createdAt", finished_at AS "finishedAt"
    FROM experiment WHERE starts_with(id, ${idOrPrefix}) ORDER BY id`;
  const exact = fitting.find(({ id }) => id === idOrPrefix);
  if (exact === undefined && fitting.length > 1) {
    const ids = fitting.map(({ id }) => id).join(', ');
    throw new UserError('bad-input', `"${idOrPrefix}" fits ${fitting.length} experiments: ${ids}`, {
      hint: 'write more of the id',
    });
  }
  return exact ?? fitting[0] ?? null;
}
