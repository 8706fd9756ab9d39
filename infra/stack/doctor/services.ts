/** Checks that the services a deployment names can be used, and that they turn strangers away. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { S3Settings, Settings, TemporalSettings } from '../../settings.js';
import { serverEnvironment, type PartName } from '../part.js';
import { temporalBinary } from '../temporal.js';
import { check, failed, passed, type Check } from './check.js';

const run = promisify(execFile);
const upHint = './isthmus up';
const largestSkewMs = 5_000;

async function query<T extends pg.QueryResultRow>(databaseUrl: string, text: string): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<T>(text);
    const [row] = rows;
    if (row === undefined) throw new Error(`no row from: ${text}`);
    return row;
  } finally {
    await client.end();
  }
}

function temporalServer({ address, namespace }: TemporalSettings, home: string): Promise<Check> {
  return check('Temporal namespace', upHint, async () => {
    const args = ['operator', 'namespace', 'describe', '-n', namespace, '--address', address];
    await run(temporalBinary, args, { env: { ...serverEnvironment(home) }, timeout: 20_000 });
    return `${address} serves the namespace ${namespace}`;
  });
}

function temporalUi({ uiUrl }: TemporalSettings): Promise<Check> {
  return check('Temporal UI', upHint, async () => {
    const answer = await fetch(uiUrl);
    await answer.body?.cancel();
    return answer.ok ? uiUrl : failed('Temporal UI', `${uiUrl} answers ${answer.status}`, upHint);
  });
}

function postgresLogin(databaseUrl: string): Promise<Check> {
  return check('Postgres login', upHint, async () => {
    const { name, version } = await query<{ name: string; version: string }>(
      databaseUrl,
      `select current_database() as name, current_setting('server_version') as version`,
    );
    return `database ${name}, PostgreSQL ${version}`;
  });
}

function postgresRefusal(databaseUrl: string): Promise<Check> {
  const name = 'Postgres refuses a wrong password';
  const wrong = new URL(databaseUrl);
  wrong.password = 'wrong';
  return check(name, upHint, async () => {
    try {
      await query(wrong.href, 'select 1 as one');
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === '28P01') return 'it does';
      throw error;
    }
    return failed(name, 'it lets anybody in', 'set up password authentication in pg_hba.conf');
  });
}

function migrations(databaseUrl: string): Promise<Check> {
  const name = 'database migrations';
  return check(name, upHint, async () => {
    const { migrationStatus } = await import('../../../stores/migrations.js');
    const { applied, ...open } = await migrationStatus(databaseUrl);
    const wrong = Object.entries(open).filter(([, names]) => names.length > 0);
    if (wrong.length === 0) return `${applied.length} applied`;
    const detail = wrong.map(([kind, names]) => `${kind}: ${names.join(', ')}`).join('; ');
    return failed(name, detail, upHint);
  });
}

/** A skewed clock spoils S3 signatures and every age that is computed from the database's times. */
function clock(databaseUrl: string): Promise<Check> {
  return check('clock', 'synchronise this machine with a time server', async () => {
    const before = Date.now();
    const { now } = await query<{ now: Date }>(databaseUrl, 'select clock_timestamp() as now');
    const skewMs = Math.max(before - now.getTime(), now.getTime() - Date.now(), 0);
    const detail = `${(skewMs / 1000).toFixed(1)} s away from the database's`;
    if (skewMs <= largestSkewMs) return detail;
    return failed('clock', detail, 'synchronise this machine with a time server');
  });
}

function s3Access(settings: S3Settings): Promise<Check> {
  return check('S3 put, get, delete', upHint, async () => {
    const { probeBucket } = await import('../../../stores/bucket.js');
    await probeBucket(settings, `doctor/${process.pid}-${Date.now()}`);
    return `bucket ${settings.bucket} at ${settings.endpoint ?? 'AWS'}`;
  });
}

function s3Refusals(settings: S3Settings): readonly Promise<Check>[] {
  const anonymous = 'S3 refuses anonymous requests';
  const wrong = 'S3 refuses a wrong key';
  const open = 'it lets anybody in';
  return [
    check(anonymous, upHint, async () => {
      const endpoint = settings.endpoint ?? `https://s3.${settings.region}.amazonaws.com`;
      const answer = await fetch(`${endpoint}/${settings.bucket}?list-type=2`);
      await answer.body?.cancel();
      return answer.status === 403 ? passed(anonymous, 'it does') : failed(anonymous, open);
    }),
    check(wrong, upHint, async () => {
      const { isRefused } = await import('../../../stores/bucket.js');
      const refused = await isRefused({ ...settings, secretAccessKey: 'wrong' });
      return refused ? passed(wrong, 'it does') : failed(wrong, open);
    }),
  ];
}

/** Only those of `usable` parts: what does not run is told once, not by everything that needs it. */
export function checkServices(
  settings: Settings,
  usable: ReadonlySet<PartName>,
): readonly Promise<Check>[] {
  const { temporal, databaseUrl, s3, home } = settings;
  const temporalChecks = () => [temporalServer(temporal, home), temporalUi(temporal)];
  const postgresChecks = () => [
    postgresLogin(databaseUrl),
    postgresRefusal(databaseUrl),
    migrations(databaseUrl),
    clock(databaseUrl),
  ];
  return [
    ...(usable.has('temporal') ? temporalChecks() : []),
    ...(usable.has('postgres') ? postgresChecks() : []),
    ...(usable.has('s3') ? [s3Access(s3), ...s3Refusals(s3)] : []),
  ];
}
