/** Renders the report and puts it in its place; the renderer is loaded only for this. */
import type { ExperimentView } from '../../report/view/records.js';
import { writeWholeFile } from '../terminal/write-file.js';

export async function writeReport(view: ExperimentView, path: string): Promise<void> {
  const { renderReport } = await import('../../report/page/page.js');
  writeWholeFile(path, await renderReport(view));
}
