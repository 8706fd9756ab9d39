/** `artifact`: lists what a run stored, or fetches one of its blobs, checked against its sha256. */
import { UserError } from '../../experiment/errors.js';
import { nearestHint } from '../../experiment/reading/nearest.js';
import type { ArtifactRef } from '../../experiment/records/records.js';
import { loadSettings } from '../../settings/settings.js';
import type { RunRow } from '../../stores/results/results-store.js';
import { createBlobStore } from '../../stores/blobs/s3-blob-store.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { findRun } from '../experiments/find-run.js';
import { withReader } from '../connections/reader.js';
import { textTable } from '../terminal/tables.js';
import { tryOutput, writeWholeFile } from '../terminal/write-file.js';

export interface ArtifactOptions extends CommonOptions {
  readonly output?: string;
}

export async function artifact(
  context: Context,
  id: string,
  run: string,
  name: string | undefined,
  { output }: ArtifactOptions,
): Promise<ExitCode> {
  if ((name === undefined) !== (output === undefined)) {
    throw new UserError(
      'usage',
      'give both the name of an artifact and -o FILE, or neither to list them',
    );
  }
  if (output !== undefined) tryOutput(output);
  const settings = loadSettings(context.env);
  const row = await withReader(settings, async (store) => {
    const experiment = await findExperiment(store, id);
    return findRun(await store.runsOf(experiment.id), run, experiment.id);
  });
  if (name === undefined || output === undefined) return list(context, id, row);
  const ref = findOutput(row, name);
  writeWholeFile(output, await createBlobStore(settings.s3).get(ref));
  if (context.json) printJson(context, { run: row.run.name, artifact: name, output, ...ref });
  else context.print(output);
  return exitCodes.ok;
}

function findOutput({ run, state, outputs }: RunRow, name: string): ArtifactRef {
  const ref = new Map(Object.entries(outputs)).get(name);
  if (ref) return ref;
  const names = Object.keys(outputs);
  const known = names.length > 0 ? `; it has ${names.join(', ')}` : ` (it is ${state})`;
  const near = nearestHint(name, names);
  throw new UserError('bad-input', `${run.name} stored no "${name}"${near || known}`);
}

function list(context: Context, id: string, { run, outputs }: RunRow): ExitCode {
  const found = Object.entries(outputs).map(([name, ref]) => ({ name, ...ref }));
  if (context.json) printJson(context, { run: run.name, artifacts: found });
  else {
    const rows = found.map(({ name, bytes, digest }) => [name, String(bytes), digest]);
    context.print(textTable(['artifact', 'bytes', 'sha256'], rows, (column) => column === 1));
  }
  const [first] = found;
  if (first) context.next(`artifact ${id} ${run.name} ${first.name} -o ${first.name}.safetensors`);
  return exitCodes.ok;
}
