/** Every figure of an experiment as an SVG file of its own. */
import { isDrawn, type Figure } from '../figures/figure.js';
import { figureSections } from '../page/figure-sections.js';
import type { ExperimentView } from '../view/records.js';
import { svgDocument } from './document.js';
import { fileNames } from './file-names.js';
import { drawHeatMap } from './heat-map.js';
import { drawLines } from './lines.js';

export interface FigureFile {
  readonly name: string;
  readonly svg: string;
}

export async function renderFigureFiles(view: ExperimentView): Promise<readonly FigureFile[]> {
  const all = figureSections(view).flatMap(({ figures }) => figures);
  // Also of figures that are not there yet: results that come later rename no file.
  const names = fileNames(all);
  const files: FigureFile[] = [];
  for (const [i, figure] of all.entries()) {
    if (isDrawn(figure)) files.push(await renderFile(figure, names[i]!));
  }
  return files;
}

async function renderFile(figure: Figure, stem: string): Promise<FigureFile> {
  const drawing = figure.kind === 'heat' ? drawHeatMap(figure) : await drawLines(figure);
  return { name: `${stem}.svg`, svg: svgDocument(figure, drawing, stem) };
}
