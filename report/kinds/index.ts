/** Every kind of run and how it is shown; null: by the table of further series alone. */
import type { RunKind } from '../../experiment/kinds/index.js';
import type { Figure } from '../figures/figure.js';
import { furtherNames, furtherTable } from '../tables/further-table.js';
import { pathTable } from '../tables/path-table.js';
import type { ResultsTable } from '../tables/table.js';
import type { CurveView, ExperimentView } from '../view/records.js';
import { attackPresentation } from './attack.js';
import { convergencePresentation } from './convergence.js';
import { detectionPresentation } from './detection.js';
import { certificatePresentation } from './certificate.js';
import { endpointPresentation } from './endpoint.js';
import { ensemblePresentation } from './ensemble.js';
import { evaluationPresentation } from './evaluation.js';
import type { Presentation } from './presentation.js';
import { spectrumPresentation } from './spectrum.js';
import { strongestPresentation } from './strongest.js';
import { summaryPresentation } from './summary.js';
import { transferPresentation } from './transfer.js';
import { twoLayerPresentation } from './two-layer.js';

/** In the table of endpoints. */
const scored = ['final_test_error', 'final_test_nll'] as const;

/** In the order in which their tables and figures stand. */
const presentations: { readonly [K in RunKind]: Presentation<K> | null } = {
  endpoint: endpointPresentation,
  injection: { shown: scored },
  noise: { shown: scored },
  'curve-point': { shown: scored },
  import: { shown: scored },
  curve: null,
  summary: summaryPresentation,
  evaluation: evaluationPresentation,
  attack: attackPresentation,
  strongest: strongestPresentation,
  convergence: convergencePresentation,
  spectrum: spectrumPresentation,
  transfer: transferPresentation,
  ensemble: ensemblePresentation,
  detection: detectionPresentation,
  certificate: certificatePresentation,
  'two-layer': twoLayerPresentation,
  probe: null,
};

const present = Object.values(presentations).filter((one) => one !== null);

export function curvePoints(curve: CurveView): ResultsTable {
  return pathTable(curve, [
    ...present.flatMap(({ columns }) => columns?.(curve) ?? []),
    ...present.flatMap(({ lastColumns }) => lastColumns?.(curve) ?? []),
  ]);
}

/** Those without a measured point too: `isDrawn` tells. */
export function curveFigures(curve: CurveView): readonly Figure[] {
  return present.flatMap(({ figures }) => figures?.(curve) ?? []);
}

export function curveTables(curve: CurveView): readonly ResultsTable[] {
  return present.flatMap((one) => one.curveTables?.(curve) ?? []);
}

export function summaryTables(view: ExperimentView): readonly ResultsTable[] {
  return present.flatMap((one) => one.summaryTables?.(view) ?? []);
}

export function endpointTables(view: ExperimentView): readonly ResultsTable[] {
  return present.flatMap((one) => one.endpointTables?.(view) ?? []);
}

export function furtherSeries(view: ExperimentView): ResultsTable {
  return furtherTable(view, isShown);
}

export function furtherSeriesNames(view: ExperimentView): readonly string[] {
  return furtherNames(view, isShown);
}

/** Whether a presentation shows a series, or its family, by hand. */
function isShown(kind: RunKind, series: string): boolean {
  const shown: readonly string[] = presentations[kind]?.shown ?? [];
  return shown.includes(series.split(/[:@]/)[0]!);
}
