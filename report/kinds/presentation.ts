/** How the results of a kind of run are shown: in columns, figures and tables. */
import type { seriesTables } from '../../experiment/kinds/series.js';
import type { RunKind } from '../../experiment/kinds/index.js';
import type { Figure } from '../figures/figure.js';
import type { PathColumn } from '../tables/path-table.js';
import type { ResultsTable } from '../tables/table.js';
import type { CurveView, ExperimentView } from '../view/records.js';

/** A series or family in the table of a kind of run. */
type CatalogueName<K extends RunKind> = K extends RunKind
  ? keyof (typeof seriesTables)[K] & string
  : never;

export interface Presentation<K extends RunKind = RunKind> {
  /** Series that the parts below show by hand; all others are in the table of further series. */
  readonly shown: readonly CatalogueName<K>[];
  /** Columns of the table of a path. */
  readonly columns?: (curve: CurveView) => readonly PathColumn[];
  /** Columns at the end of that table. */
  readonly lastColumns?: (curve: CurveView) => readonly PathColumn[];
  /** Figures of a curve. */
  readonly figures?: (curve: CurveView) => readonly Figure[];
  /** Tables of a curve. */
  readonly curveTables?: (curve: CurveView) => readonly ResultsTable[];
  /** Tables over all curves. */
  readonly summaryTables?: (view: ExperimentView) => readonly ResultsTable[];
  /** Tables over all endpoints. */
  readonly endpointTables?: (view: ExperimentView) => readonly ResultsTable[];
}
