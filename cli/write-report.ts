/** Renders the report and puts it in its place; the renderer is loaded only for this. */
import type { ExperimentView } from '../report/views.js';
import { writeWholeFile } from './write-file.js';

export async function writeReport(view: ExperimentView, path: string): Promise<void> {
  const { renderReport } = await import('../report/page.js');
  writeWholeFile(path, await renderReport(view));
}
