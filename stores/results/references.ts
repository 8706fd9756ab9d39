/** Which blobs the database names: nothing else tells what a sweep must keep and what `verify` must find. */
import { Prisma } from '#prisma';
import type { BlobReference } from '../results-store.js';
import type { Database, Transaction } from './database.js';

/** Every table that names a blob, as (run, kind, name, digest, bytes). What is not listed here is deleted in the end. */
const references = Prisma.sql`
  SELECT o.run, 'output' AS kind, o.name, a.digest, a.bytes
  FROM run_output o JOIN artifact a ON a.digest = o.digest
  UNION ALL
  SELECT i.run, 'input', i.role || '.' || i.name, a.digest, a.bytes
  FROM run_input i JOIN artifact a ON a.digest = i.digest
  UNION ALL
  SELECT run, 'checkpoint', 'step ' || step, digest, bytes FROM checkpoint`;

/** Of the runs of one experiment, in plan order. */
export async function referencesOf(
  db: Database,
  experimentId: string,
): Promise<readonly BlobReference[]> {
  const rows = await db.$queryRaw<
    (Omit<BlobReference, 'ref'> & { digest: string; bytes: bigint })[]
  >`
    SELECT named.name AS "runName", given.run, kind, given.name, digest, bytes
    FROM (${references}) AS given JOIN experiment_run named ON named.run = given.run
    WHERE named.experiment = ${experimentId}
    ORDER BY named.position, kind DESC, given.name`;
  return rows.map(({ digest, bytes, ...row }) => ({
    ...row,
    ref: { digest, bytes: Number(bytes) },
  }));
}

/** Those of the digests that some row names; artifacts count by themselves, whoever uses them. */
export async function referencedAmong(
  db: Database | Transaction,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ digest: string }[]>`
    SELECT digest FROM artifact WHERE digest = ANY(${[...digests]}::text[])
    UNION
    SELECT digest FROM (${references}) AS given WHERE digest = ANY(${[...digests]}::text[])`;
  return new Set(rows.map(({ digest }) => digest));
}
