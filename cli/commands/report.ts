/** `report`: writes one self-contained HTML page. */
import { loadSettings } from '../../infra/settings.js';
import { readExperimentView } from '../../report/view.js';
import { printJson, type CommonOptions, type Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { findExperiment } from '../find-experiment.js';
import { withReader } from '../reader.js';
import { sayMissing } from '../say-missing.js';
import { tryOutput } from '../write-file.js';
import { writeReport } from '../write-report.js';

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
