/** The figures of an experiment in the order of the page: of repeated curves together, then of each curve. */
import { isDrawn, type Figure } from '../figures/figure.js';
import { figuresOverSeeds } from '../figures/over-seeds.js';
import { curveFigures } from '../kinds/index.js';
import { groupCurves } from '../tables/over-axis.js';
import type { CurveView, ExperimentView } from '../view/records.js';

export interface FigureSection {
  readonly title: string;
  /** Null for what several curves give together. */
  readonly curve: CurveView | null;
  /** Those without a measured point too. */
  readonly figures: readonly Figure[];
}

export function figureSections({ curves }: ExperimentView): readonly FigureSection[] {
  const together = [...groupCurves(curves, 'seed')]
    .filter(([, repeats]) => repeats.length > 1)
    .map(([name, repeats]) => ({
      ...{ title: `Curve ${name} over seeds`, curve: null },
      figures: figuresOverSeeds(name, repeats.map(curveFigures)),
    }))
    .filter(({ figures }) => figures.some(isDrawn));
  const each = curves.map((curve) => ({
    ...{ title: `Curve ${curve.name}`, curve, figures: curveFigures(curve) },
  }));
  return [...together, ...each];
}
