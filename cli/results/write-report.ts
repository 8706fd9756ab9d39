/** Renders the report and its figures and puts them in their places; the renderer is loaded only for this. */
import { join } from 'node:path';
import type { ExperimentView } from '../../report/view/records.js';
import { makeFolder, tryOutput, writeWholeFile } from '../terminal/write-file.js';

export async function writeReport(view: ExperimentView, path: string): Promise<void> {
  const { renderReport } = await import('../../report/page/page.js');
  writeWholeFile(path, await renderReport(view));
}

/** The paths of the files. None is written where one of them cannot be. */
export async function writeFigures(
  view: ExperimentView,
  folder: string,
): Promise<readonly string[]> {
  const { renderFigureFiles } = await import('../../report/files/figure-files.js');
  const files = await renderFigureFiles(view);
  makeFolder(folder);
  const placed = files.map(({ name, svg }) => ({ path: join(folder, name), svg }));
  for (const { path } of placed) tryOutput(path);
  for (const { path, svg } of placed) writeWholeFile(path, svg);
  return placed.map(({ path }) => path);
}
