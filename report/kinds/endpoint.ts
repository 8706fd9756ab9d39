/** Endpoints: how they were trained, and their results on the test set. */
import { quantisedTable } from '../tables/quantised-table.js';
import { endpointTable } from '../tables/results-tables.js';
import type { Presentation } from './presentation.js';

export const endpointPresentation: Presentation<'endpoint'> = {
  shown: [
    ...(['final_test_error', 'final_test_nll'] as const),
    ...([
      'zero_weights',
      'zero_input_channels',
      'zero_output_channels',
      'removable_channels',
    ] as const),
  ],
  endpointTables: (view) => [endpointTable(view), quantisedTable(view)],
};
