/** Blobs that the database refers to: `verify` must find them, garbage collection must keep them. */
import { Prisma } from '#prisma';
import type { BlobReference } from './results-store.js';
import type { Database, Transaction } from './queries.js';

/** Objects that `verify` reads again, as (run, kind, name, digest, bytes). */
const references = Prisma.sql`
  SELECT o.run, 'output' AS kind, o.name, a.digest, a.bytes
  FROM run_output o JOIN artifact a ON a.digest = o.digest
  UNION ALL
  SELECT i.run, 'input', i.role || '.' || i.name, a.digest, a.bytes
  FROM run_input i JOIN artifact a ON a.digest = i.digest
  UNION ALL
  SELECT run, 'checkpoint', 'step ' || step, digest, bytes FROM checkpoint
  UNION ALL
  SELECT run, 'input', given.name, given.digest, given.bytes FROM (
    SELECT key AS run, 'module' AS name, spec #>> '{model,module,digest}' AS digest,
      (spec #>> '{model,module,bytes}')::bigint AS bytes FROM run
    UNION ALL
    SELECT key, 'imported', spec #>> '{weights,digest}', (spec #>> '{weights,bytes}')::bigint FROM run
  ) AS given WHERE given.digest IS NOT NULL`;

/** References of the runs of one experiment, in plan order. */
export async function readReferences(
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

/**
 * Those of the digests that some row names. Every table with a column `digest` counts: one that is added and forgotten
 * here must not lose its blobs.
 */
export async function referencedAmong(
  db: Database | Transaction,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(columns.table_name) AS name
    FROM information_schema.columns AS columns JOIN information_schema.tables AS tables
      ON tables.table_schema = columns.table_schema AND tables.table_name = columns.table_name
    WHERE columns.table_schema = 'public' AND column_name = 'digest' AND table_type = 'BASE TABLE'`;
  const wanted = [...digests];
  const each = tables.map(
    ({ name }) =>
      Prisma.sql`SELECT digest FROM ${Prisma.raw(name)} WHERE digest = ANY(${wanted}::text[])`,
  );
  // What a specification names is there before any run has an input or an output.
  const inSpecs = Prisma.sql`
    SELECT named.digest FROM run, LATERAL (
      VALUES (spec #>> '{model,module,digest}'), (spec #>> '{weights,digest}')
    ) AS named (digest) WHERE named.digest = ANY(${wanted}::text[])`;
  const rows = await db.$queryRaw<{ digest: string }[]>(Prisma.join([...each, inSpecs], ' UNION '));
  return new Set(rows.map(({ digest }) => digest));
}
