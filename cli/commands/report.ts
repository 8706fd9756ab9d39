/** `report`: writes one self-contained HTML page. */
import { loadSettings } from '../../settings/settings.js';
import { readExperimentView } from '../../report/view/read-view.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { withReader } from '../connections/reader.js';
import { sayMissing } from '../status/missing-runs.js';
import { tryOutput } from '../terminal/write-file.js';
import { writeReport } from '../results/write-report.js';

export interface ReportOptions extends CommonOptions {
  readonly output: string;
}

export async function report(
  context: Context,
  id: string,
  { output }: ReportOptions,
): Promise<ExitCode> {
  tryOutput(output);
  const view = await withReader(loadSettings(context.env), async (store) =>
    readExperimentView(store, await findExperiment(store, id)),
  );
  await writeReport(view, output);
  if (context.json) printJson(context, { id: view.id, report: output });
  else context.print(output);
  sayMissing(context, view);
  context.next(`results ${view.id}`);
  return exitCodes.ok;
}
