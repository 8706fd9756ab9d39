/** Writes and reads measured numbers in bulk. */
import type { AbsenceReason } from '../../experiment/records/quantity.js';
import type { MetricPlace, MetricRow } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { stale, unregistered } from './attempts.js';
import type { Database, Reader } from './queries.js';

/** Bounds the memory and the time of one statement. */
const rowsPerStatement = 10_000;

export async function appendMetrics(
  db: Database,
  key: RunKey,
  epoch: number,
  rows: readonly MetricRow[],
): Promise<void> {
  for (let start = 0; start < Math.max(rows.length, 1); start += rowsPerStatement) {
    await appendBatch(db, key, epoch, rows.slice(start, start + rowsPerStatement));
  }
}

/**
 * Fence and write are one statement: the shared lock on the run's row holds a newer attempt back until the rows are in,
 * or finds that it has begun and writes none. Of the same point twice in a batch the later counts.
 */
async function appendBatch(
  db: Database,
  key: RunKey,
  epoch: number,
  rows: readonly MetricRow[],
): Promise<void> {
  const series = rows.map((row) => row.series);
  const xs = rows.map((row) => String(row.x));
  const values = rows.map((row) => String(row.value));
  const counts = rows.map((row) => row.n ?? null);
  const reasons = rows.map((row) => row.reason ?? null);
  const [answer] = await db.$queryRaw<{ newest: boolean }[]>`
    WITH fence AS (
      SELECT key FROM run WHERE key = ${key} AND epoch = ${epoch} FOR SHARE
    ), points AS (
      SELECT DISTINCT ON (series, x) series, x, value, n, reason
      FROM unnest(
          ${series}::text[], ${xs}::text[]::float8[], ${values}::text[]::float8[], ${counts}::integer[],
          ${reasons}::text[])
        WITH ORDINALITY AS given (series, x, value, n, reason, place)
      ORDER BY series, x, place DESC
    ), written AS (
      INSERT INTO metric (run, series, x, value, n, reason, epoch)
      SELECT fence.key, points.series, points.x, points.value, points.n, points.reason, ${epoch}::integer
      FROM fence CROSS JOIN points
      ON CONFLICT (run, series, x) DO UPDATE
        SET value = excluded.value, n = excluded.n, reason = excluded.reason, epoch = excluded.epoch
      WHERE excluded.epoch >= metric.epoch
    )
    SELECT EXISTS (SELECT FROM fence) AS newest`;
  if (answer?.newest) return;
  const run = await db.run.findUnique({ where: { key }, select: { epoch: true } });
  throw run === null ? unregistered(key) : stale(key, epoch, run.epoch);
}

/** Every key has an entry; its rows are in order of series and x. */
export async function readMetrics(
  db: Reader,
  keys: readonly RunKey[],
): Promise<ReadonlyMap<RunKey, readonly MetricRow[]>> {
  const rows = await db.$queryRaw<(Stored & { run: RunKey })[]>`
    SELECT run, series, x, value, n, reason FROM metric
    WHERE run = ANY(${[...keys]}::text[]) ORDER BY run, series COLLATE "C", x`;
  const found = new Map<RunKey, MetricRow[]>(keys.map((key) => [key, []]));
  for (const { run, ...stored } of rows) found.get(run)!.push(metricRow(stored));
  return found;
}

interface Stored extends MetricPlace {
  readonly value: number;
  readonly n: number | null;
  readonly reason: AbsenceReason | null;
}

/** Rows from before reasons were kept have none. */
function metricRow({ series, x, value, n, reason }: Stored): MetricRow {
  if (Number.isFinite(value)) return { series, x, value, ...(n === null ? {} : { n }) };
  const why = reason ?? (Number.isNaN(value) ? 'unrecorded' : 'overflow');
  return { series, x, value, n: n ?? 0, reason: why };
}
