/** Endpoints: how they were trained, and their results on the test set. */
import { compressedTable } from '../tables/compressed-table.js';
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
      'weight_density',
      'parameter_density',
    ] as const),
  ],
  endpointTables: (view) => [endpointTable(view), compressedTable(view)],
};
