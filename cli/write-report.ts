/** Renders the report and puts it in its place; the renderer is loaded only for this. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../experiment/errors.js';
import type { ExperimentView } from '../report/views.js';

/** Under another name first, so that a reader never sees half a page. */
export async function writeReport(view: ExperimentView, path: string): Promise<void> {
  const { renderReport } = await import('../report/page.js');
  const page = await renderReport(view);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.part`, page);
    renameSync(`${path}.part`, path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError('failed', `cannot write ${path}: ${reason}`, { cause });
  }
}
