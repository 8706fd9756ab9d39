/** `migrate`: brings a database to the tables of this version, and makes the bucket, wherever they are. */
import { findS3, loadDatabases } from '../../../settings/settings.js';
import type { BucketReport } from '../../../infra/migrate.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';

export interface MigrateOptions extends CommonOptions {
  readonly print?: true;
}

export async function migrate(context: Context, options: MigrateOptions): Promise<ExitCode> {
  if (options.print === true) return printScript(context);
  const { migrate: makeReady } = await import('../../../infra/migrate.js');
  const report = await makeReady(loadDatabases(context.env), findS3(context.env));
  if (context.json) printJson(context, report);
  const { database, applied, views } = report.tables;
  const tables = applied.length === 0 ? 'every table is there' : `applied ${applied.join(', ')}`;
  const replaced = views.length === 0 ? '' : `; views replaced: ${views.join(', ')}`;
  context.say(`database ${database}: ${tables}${replaced}`);
  context.say(bucketLine(report.bucket));
  context.next('doctor', 'run mnist-quick');
  return exitCodes.ok;
}

function bucketLine(report: BucketReport | null): string {
  if (report === null) return 'no bucket is named: set ISTHMUS_S3_BUCKET to have it made, too';
  const { bucket, service, created } = report;
  return `bucket ${bucket} at ${service}: ${created ? 'created' : 'it is there'}`;
}

async function printScript(context: Context): Promise<ExitCode> {
  const { migrationScript } = await import('../../../stores/database/migration-script.js');
  const { databaseUrl, migrationUrl } = loadDatabases(context.env);
  const sql = await migrationScript(migrationUrl, databaseUrl);
  if (context.json) printJson(context, { sql });
  else context.print(sql);
  return exitCodes.ok;
}
