/** Checks that the services a deployment names can be used, by the clients that use them, and that they turn strangers away. */
import type pg from 'pg';
import type { S3Settings, Settings } from '../../../settings/settings.js';
import type { PartName } from '../part.js';
import { check, failed, passed, remedy, type Check } from './check.js';
import { checkTemporal } from './temporal.js';

const largestSkewMs = 5_000;

interface Database {
  readonly url: string;
  readonly hint: string;
}

/** Connected as migrations and commands are; an outage is one line. */
async function query<T extends pg.QueryResultRow>(databaseUrl: string, text: string): Promise<T> {
  const { withClient } = await import('../../../stores/database/migration-status.js');
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<T>(text);
    const [row] = rows;
    if (row === undefined) throw new Error(`no row from: ${text}`);
    return row;
  });
}

function postgresLogin({ url, hint }: Database): Promise<Check> {
  return check('Postgres login', hint, async () => {
    const { name, version, encrypted } = await query<{
      name: string;
      version: string;
      encrypted: boolean | null;
    }>(
      url,
      `select current_database() as name, current_setting('server_version') as version,
         (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted`,
    );
    const how = encrypted === true ? ', encrypted' : '';
    return `database ${name}, PostgreSQL ${version}${how}`;
  });
}

function postgresRefusal({ url, hint }: Database): Promise<Check> {
  const name = 'Postgres refuses a wrong password';
  const wrong = new URL(url);
  if (wrong.searchParams.has('password')) wrong.searchParams.set('password', 'wrong');
  else wrong.password = 'wrong';
  return check(name, hint, async () => {
    try {
      await query(wrong.href, 'select 1 as one');
    } catch (error) {
      const { code } = ((error as Error).cause ?? error) as pg.DatabaseError;
      // PgBouncer words its refusal so.
      if (code === '28P01' || code === '08P01') return 'it does';
      throw error;
    }
    return failed(name, 'it lets anybody in', 'set up password authentication in pg_hba.conf');
  });
}

function migrations({ url, hint }: Database): Promise<Check> {
  const name = 'database migrations';
  return check(name, hint, async () => {
    const { migrationStatus } = await import('../../../stores/database/migration-status.js');
    const { applied, ...open } = await migrationStatus(url);
    const wrong = Object.entries(open).filter(([, names]) => names.length > 0);
    if (wrong.length === 0) return `${applied.length} applied`;
    const detail = wrong.map(([kind, names]) => `${kind}: ${names.join(', ')}`).join('; ');
    const isOlder = wrong.every(([kind]) => kind === 'pending');
    const newer = 'use the version of Isthmus that this database was migrated by, or a newer one';
    return failed(name, detail, isOlder || open.unknown.length === 0 ? './isthmus migrate' : newer);
  });
}

/** A skewed clock spoils S3 signatures and every age that is computed from the database's times. */
function clock({ url }: Database): Promise<Check> {
  return check('clock', 'synchronise this machine with a time server', async () => {
    const before = Date.now();
    const { now } = await query<{ now: Date }>(url, 'select clock_timestamp() as now');
    const skewMs = Math.max(before - now.getTime(), now.getTime() - Date.now(), 0);
    const detail = `${(skewMs / 1000).toFixed(1)} s away from the database's`;
    if (skewMs <= largestSkewMs) return detail;
    return failed('clock', detail, 'synchronise this machine with a time server');
  });
}

function s3Access(settings: S3Settings, hint: string): Promise<Check> {
  return check('S3 put, get, delete', hint, async () => {
    const { probeBucket } = await import('../../../stores/blobs/bucket.js');
    await probeBucket(settings, `doctor/${process.pid}-${Date.now()}`);
    return `bucket ${settings.bucket} at ${settings.endpoint ?? 'AWS'}`;
  });
}

function s3Refusals(settings: S3Settings, hint: string): readonly Promise<Check>[] {
  const refusal = (name: string, stranger: 'nobody' | 'wrong-key'): Promise<Check> =>
    check(name, hint, async () => {
      const { isRefused } = await import('../../../stores/blobs/bucket.js');
      const refused = await isRefused(settings, stranger);
      return refused ? passed(name, 'it does') : failed(name, 'it lets anybody in');
    });
  return [
    refusal('S3 refuses anonymous requests', 'nobody'),
    refusal('S3 refuses a wrong key', 'wrong-key'),
  ];
}

/** Only those of `usable` parts: what does not run is told once, not by everything that needs it. */
export function checkServices(
  settings: Settings,
  usable: ReadonlySet<PartName>,
  external: ReadonlyMap<PartName, string>,
): readonly Promise<Check>[] {
  const { temporal, databaseUrl, s3 } = settings;
  const partHint = (part: PartName): string => remedy(external.get(part));
  const database: Database = { url: databaseUrl, hint: partHint('postgres') };
  const postgresChecks = () => [
    postgresLogin(database),
    postgresRefusal(database),
    migrations(database),
    clock(database),
  ];
  const s3Checks = () => [s3Access(s3, partHint('s3')), ...s3Refusals(s3, partHint('s3'))];
  return [
    ...(usable.has('temporal') ? checkTemporal(temporal, external.get('temporal')) : []),
    ...(usable.has('postgres') ? postgresChecks() : []),
    ...(usable.has('s3') ? s3Checks() : []),
  ];
}
