/** `report`: writes one self-contained HTML page, and its figures as files if asked to. */
import { loadSettings } from '../../settings/settings.js';
import { readExperimentView } from '../../report/view/read-view.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { withReader } from '../connections/reader.js';
import { sayMissing } from '../status/missing-runs.js';
import { tryFolder, tryOutput } from '../terminal/write-file.js';
import { writeFigures, writeReport } from '../results/write-report.js';

export interface ReportOptions extends CommonOptions {
  readonly output: string;
  readonly figures?: string;
}

export async function report(
  context: Context,
  id: string,
  { output, figures: folder }: ReportOptions,
): Promise<ExitCode> {
  tryOutput(output);
  if (folder !== undefined) tryFolder(folder);
  const view = await withReader(loadSettings(context.env), async (store) =>
    readExperimentView(store, await findExperiment(store, id)),
  );
  await writeReport(view, output);
  const figures = folder === undefined ? undefined : await writeFigures(view, folder);
  if (context.json) {
    printJson(context, { id: view.id, report: output, ...(figures && { figures }) });
  } else {
    context.print(output);
    figures?.forEach((path) => context.print(path));
  }
  sayMissing(context, view);
  context.next(`results ${view.id}`);
  return exitCodes.ok;
}
