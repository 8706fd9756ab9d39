/** Endpoints: how they were trained, and their results on the test set. */
import { endpointTable } from '../tables/results-tables.js';
import type { Presentation } from './presentation.js';

export const endpointPresentation: Presentation<'endpoint'> = {
  shown: ['final_test_error', 'final_test_nll'],
  endpointTables: (view) => [endpointTable(view)],
};
