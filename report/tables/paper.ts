/** The tables of the paper that an experiment answers to: ours, and beside them the published figures. */
import { endpointKind } from '../../experiment/config/endpoint.js';
import { publishedBackdoor, publishedCorrelation, publishedInjection } from './published.js';
import { repairTables } from './repair-table.js';
import type { ResultsTable } from './table.js';
import type { ExperimentView } from '../view/records.js';

export function paperTables(view: ExperimentView): readonly ResultsTable[] {
  const repairs = repairTables(view);
  const has = (what: string) => repairs.some(({ title }) => title.includes(what));
  return [
    ...repairs,
    ...(has('attack success') ? [publishedBackdoor] : []),
    ...(has('injection success') ? [publishedInjection] : []),
    ...(isEvasion(view) ? [publishedCorrelation] : []),
  ];
}

/** Curvature and attacks along paths between networks of which some are adversarially trained. */
function isEvasion({ config: { endpoints, attacks, spectrum } }: ExperimentView): boolean {
  const robust = Object.values(endpoints).some(
    (endpoint) => endpointKind(endpoint) === 'trained' && endpoint.adversarial !== undefined,
  );
  return robust && spectrum !== undefined && Object.keys(attacks).length > 0;
}
