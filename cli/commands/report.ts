/** `report`: writes one self-contained HTML page. */
import { renameSync, writeFileSync } from 'node:fs';
import { UserError } from '../../experiment/errors.js';
import { loadSettings } from '../../infra/settings.js';
import { readExperimentView, type ExperimentView } from '../../report/view.js';
import { printJson, type CommonOptions, type Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { findExperiment } from '../find-experiment.js';
import { withStore } from '../store.js';
import { sayMissing } from './results.js';

export interface ReportOptions extends CommonOptions {
  readonly output: string;
}

export async function report(
  context: Context,
  id: string,
  { output }: ReportOptions,
): Promise<ExitCode> {
  const view = await withStore(loadSettings(context.env), async (store) =>
    readExperimentView(store, await findExperiment(store, id)),
  );
  await writeReport(view, output);
  if (context.json) printJson(context, { id: view.id, report: output });
  else context.print(output);
  sayMissing(context, view);
  context.next(`results ${view.id}`);
  return exitCodes.ok;
}

/** Under another name first, so that a reader never sees half a page. */
export async function writeReport(view: ExperimentView, path: string): Promise<void> {
  const { renderReport } = await import('../../report/page.js');
  const page = await renderReport(view);
  try {
    writeFileSync(`${path}.part`, page);
    renameSync(`${path}.part`, path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError('failed', `cannot write ${path}: ${reason}`, { cause });
  }
}
