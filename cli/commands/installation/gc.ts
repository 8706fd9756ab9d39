/** `gc`: deletes blobs that no row of the database names, uploads that were never completed, and local copies of checkpoints. */
import { loadSettings } from '../../../settings/settings.js';
import { checkpointFolder } from '../../../settings/paths.js';
import { sweepLocalCheckpoints } from '../../../stores/blobs/local-garbage.js';
import { sweep } from '../../../stores/blobs/garbage.js';
import { withAudit } from '../../connections/audit.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';
import { withStore } from '../../connections/store.js';
import { textTable } from '../../terminal/tables.js';

export interface GcOptions extends CommonOptions {
  readonly dryRun?: true;
  /** Days. */
  readonly grace: number;
}

const dayMs = 24 * 60 * 60 * 1000;

export async function gc(context: Context, options: GcOptions): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  const graceMs = options.grace * dayMs;
  const dryRun = options.dryRun === true;
  const report = await withStore(settings, (results) =>
    withAudit(settings.s3, async (bucket) => {
      const swept = await sweep({ bucket, results }, { graceMs, dryRun });
      const folder = checkpointFolder(settings.home);
      const options = { graceMs, dryRun, now: new Date() };
      return { ...swept, copies: await sweepLocalCheckpoints({ folder, results }, options) };
    }),
  );
  if (context.json) printJson(context, { dryRun, graceMs, ...report });
  else {
    const rows = [
      ['blobs in the bucket', String(report.blobs)],
      ['named by the database', String(report.referenced)],
      [`spared, younger than ${options.grace} days`, String(report.young)],
      [dryRun ? 'would be deleted' : 'deleted', String(report.deleted)],
      ['bytes of these', String(report.deletedBytes)],
      ['uploads never completed', String(report.abortedUploads)],
      ['copies of checkpoints on this machine', String(report.copies.kept + report.copies.deleted)],
      [dryRun ? 'of these would be deleted' : 'of these deleted', String(report.copies.deleted)],
      ['bytes of these', String(report.copies.deletedBytes)],
    ];
    context.print(textTable(['', ''], rows, (column) => column === 1));
  }
  if (dryRun) context.next(`gc --grace ${options.grace}`);
  return exitCodes.ok;
}
