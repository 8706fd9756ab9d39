/** Prepares a database and a bucket: migrations, generated views, and the bucket itself. */
import { UserError } from '../experiment/errors.js';
import { deployMigrations } from '../stores/database/migrations.js';
import { requireMigrated } from '../stores/database/migration-status.js';
import { databasePlace } from '../settings/connections/database-url.js';
import { ensureBucket } from '../stores/blobs/bucket.js';
import { describeService } from '../stores/blobs/s3-objects.js';
import type { Databases, S3Settings } from '../settings/settings.js';

export interface MigrationReport {
  readonly database: string;
  readonly applied: readonly string[];
  /** Public views that were created or replaced. */
  readonly views: readonly string[];
}

export interface BucketReport {
  readonly bucket: string;
  readonly service: string;
  readonly created: boolean;
}

/** In the end the role that Isthmus works as sees the tables, whoever made them. */
export async function migrateDatabase(databases: Databases): Promise<MigrationReport> {
  const { databaseUrl, migrationUrl } = databases;
  const deployed = await deployMigrations(migrationUrl);
  if (migrationUrl !== databaseUrl) await requireMigrated(databaseUrl);
  return { database: databasePlace(migrationUrl), ...deployed };
}

export async function createMissingBucket(s3: S3Settings): Promise<BucketReport> {
  const created = await ensureBucket(s3);
  return { bucket: s3.bucket, service: describeService(s3), created };
}

/** Both get their chance, so that one command tells all that is missing. Null: no bucket is named. */
export async function migrate(
  databases: Databases,
  s3: S3Settings | undefined,
): Promise<{ readonly tables: MigrationReport; readonly bucket: BucketReport | null }> {
  const [database, bucket] = await Promise.allSettled([
    migrateDatabase(databases),
    s3 === undefined ? null : createMissingBucket(s3),
  ]);
  if (database.status === 'fulfilled' && bucket.status === 'fulfilled') {
    return { tables: database.value, bucket: bucket.value };
  }
  const failures = [database, bucket].flatMap((one): readonly unknown[] =>
    one.status === 'rejected' ? [one.reason] : [],
  );
  throw together(failures);
}

function together(failures: readonly unknown[]): unknown {
  const [first, second] = failures;
  if (!(first instanceof UserError) || !(second instanceof UserError)) return first;
  const hints = [first, second].flatMap(({ hint }) => hint ?? []);
  return new UserError(first.kind, `${first.message}\n${second.message}`, {
    cause: new AggregateError(failures),
    hint: hints.join('; '),
  });
}
