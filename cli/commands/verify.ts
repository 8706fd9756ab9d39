/** `verify`: reads again every blob and manifest that the database names for an experiment. */
import { loadSettings } from '../../settings/settings.js';
import { createBlobStore } from '../../stores/blobs/s3-blob-store.js';
import { verifyExperiment, type VerifiedObject } from '../../stores/blobs/verify.js';
import { withAudit } from '../connections/audit.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { withStore } from '../connections/store.js';
import { textTable } from '../terminal/tables.js';

export async function verify(context: Context, text: string): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  return withStore(settings, async (results) => {
    const { id } = await findExperiment(results, text);
    const objects = await withAudit(settings.s3, async (bucket) => {
      const parts = { results, bucket, blobs: createBlobStore(settings.s3) };
      const found: VerifiedObject[] = [];
      for await (const object of verifyExperiment(parts, id)) found.push(object);
      return found;
    });
    return tell(context, id, objects);
  });
}

function tell(context: Context, id: string, objects: readonly VerifiedObject[]): ExitCode {
  const bad = objects.filter(({ verdict }) => verdict !== 'ok');
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  if (context.json) printJson(context, { id, checked: objects.length, bytes, bad, objects });
  else if (objects.length > 0) context.print(table(objects));
  for (const { key, verdict, found } of bad) {
    context.say(`${key}: ${verdict}${found === null ? '' : `, ${found}`}`);
  }
  const megabytes = (bytes / 1e6).toFixed(1);
  context.say(`${objects.length} objects checked, ${megabytes} MB of blobs; ${bad.length} bad`);
  context.next(...(bad.length > 0 ? [`status ${id}`] : [`results ${id}`]));
  return bad.length > 0 ? exitCodes.error : exitCodes.ok;
}

function table(objects: readonly VerifiedObject[]): string {
  const rows = objects.map(({ key, verdict, bytes, namedBy: [first = '', ...others] }) => [
    verdict,
    key.startsWith('blobs/') ? String(bytes) : '',
    others.length === 0 ? first : `${first} and ${others.length} more`,
    key,
  ]);
  return textTable(['', 'bytes', 'named by', 'object'], rows, (column) => column === 1);
}
